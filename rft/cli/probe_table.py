"""What `rft probe` prints: a row a model, and what was found of each."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from rft.cli import console
from rft.planning.prices import US_PROFILE, price_list
from rft.probing.local_probe import ModelProbe
from rft.probing.verdict import Verdict
from rft.settings import Prices


def usd_per_1000(one: ModelProbe, region: str) -> float | None:
    """Price of 1,000 answers like those of the probe; None when the table has none of the model in the region."""
    known = price_list(region, one.model_id.removeprefix(US_PROFILE), Prices())
    read, written = (known[f"inference_per_million_{way}_tokens"].usd for way in ("input", "output"))
    if read is None or written is None:
        return None
    return round((one.probe.input_tokens * read + one.probe.output_tokens * written) / 1000, 4)


def show_table(found: Sequence[ModelProbe], region: str) -> None:
    """Print a row a model, then what was found of each."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    table.add_column("model", overflow="fold", min_width=12)
    for heading in ("verdict", "passed", "mean reward", "useful", "tokens", "USD/1k"):
        table.add_column(heading, justify="left" if heading == "verdict" else "right", no_wrap=True)
    for one in found:
        probe, usd = one.probe, usd_per_1000(one, region)
        style = "green" if probe.verdict == Verdict.READY else "bold red"
        table.add_row(
            one.model_id,
            Text(probe.verdict, style=style),
            f"{100 * probe.pass_rate.value:.0f} %",
            f"{probe.mean.value:.3f} ±{(probe.mean.high - probe.mean.low) / 2:.3f}",
            f"{100 * probe.useful.value:.0f} %",
            f"{probe.input_tokens:.0f} + {probe.output_tokens:.0f}",
            "unknown" if usd is None else f"{usd:.2f}",
        )
    console.stdout.print(table)
    for one in found:
        for name, style, texts in (
            ("stops", "bold red", one.probe.reasons),
            ("look", "yellow", one.probe.warnings),
        ):
            for text in texts:
                told = f"{one.model_id}: {text}" if len(found) > 1 else text
                console.stdout.print(Text.assemble((f"{name} ", style), told))
    first = found[0].probe
    console.stdout.print(
        f"{first.prompts} prompts, {first.samples} answers a model; in a batch some "
        f"{first.useful_per_batch.value:.0f} prompts carry signal. Intervals at 95 %; tokens of an answer, in + out; "
        "USD for 1,000 answers.",
        style="dim",
    )
