"""`rft plan`: what a run would train with and cost, before anything is uploaded; needs no AWS account."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from rft.cli import console, project, validate_command
from rft.cli.submit_command import files_of
from rft.datasets.chunks import FileSource
from rft.datasets.records import parse_record
from rft.datasets.split import plan as plan_split
from rft.names import SPLITS, TEST, TRAIN, VALIDATION
from rft.planning.forecast import forecast
from rft.planning.lengths import PromptLengths, longest_prompt_characters
from rft.planning.presets import Facts, resolve
from rft.planning.prices import price_list
from rft.planning.usage import Sizes
from rft.planning.verdict import Verdict, judge
from rft.rewards.checks import SAMPLE_FOLDER
from rft.runs.cost_parts import Estimate, EstimateLine, Plan
from rft.settings import RunSettings

WIDE: Final = 100  # columns from which on the assumptions have room beside the figures

SMALLEST_SHOWN: Final = 0.005  # USD


def plan_command(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder with train.jsonl; the use case's sample without it.")
    ] = None,
    env: console.Environment = "dev",
    as_json: console.AsJson = False,
) -> None:
    """Show hyperparameters with their reasons, a cost forecast and the budget's verdict; exit 1 when over budget."""
    settings, region = project.run_settings(use_case, env)
    folder = data or project.root() / "use_cases" / use_case / SAMPLE_FOLDER
    files = files_of(folder)
    validate_command.stop_on_errors(validate_command.check(settings.use_case, files, quality=False).findings)
    lengths = measure(settings, files)
    train = lengths[TRAIN]
    facts = Facts(train.records, lengths[VALIDATION].records, train.longest, train.too_long)
    sizes = Sizes(train.records, lengths[VALIDATION].records, lengths[TEST].records, train.mean)
    plan = resolve(settings.use_case, facts)
    asks = settings.use_case.reward.judge
    prices = price_list(
        region,
        settings.use_case.base_model,
        settings.prices,
        judge=asks.model if asks else None,
        architecture=settings.lambda_architecture,
    )
    estimate = forecast(settings, plan, sizes, prices)
    verdict = judge(settings, estimate)
    counts = {split: lengths[split].records for split in SPLITS}
    if as_json:
        console.print_json(_document(use_case, env, counts, plan, settings, estimate, verdict))
    else:
        _show(use_case, env, counts, plan, settings, estimate, verdict)
    if verdict.over:
        raise typer.Exit(console.EXIT_FINDING)


def measure(settings: RunSettings, files: Mapping[str, Path]) -> dict[str, PromptLengths]:
    """Number and lengths of the prompts of each split, as the workflow will split the files."""
    longest = longest_prompt_characters(settings.use_case.hyperparameters.maxPromptLength)
    found = {split: PromptLengths(longest) for split in SPLITS}
    for split, line in _lines(settings, files):
        found[split].add(parse_record(line).prompt_characters)
    return found


def _lines(settings: RunSettings, files: Mapping[str, Path]) -> Iterator[tuple[str, bytes]]:
    dataset, train = settings.use_case.dataset, FileSource(files[TRAIN])
    planned = plan_split(
        train,
        validation=0.0 if VALIDATION in files else dataset.split.validation,
        test=0.0 if TEST in files else dataset.split.test,
        slice_key=dataset.slice_key,
    )
    yield from planned.lines(train)
    for split in (VALIDATION, TEST):
        if split in files:
            with files[split].open("rb") as lines:
                yield from ((split, line) for line in lines if line.strip())


def _document(
    use_case: str,
    env: str,
    counts: Mapping[str, int],
    plan: Plan,
    settings: RunSettings,
    estimate: Estimate,
    verdict: Verdict,
) -> dict[str, Any]:
    return {
        "use_case": use_case,
        "environment": env,
        "records": dict(counts),
        "hyperparameters": [item.model_dump() for item in plan.hyperparameters],
        "warnings": plan.warnings,
        "forecast": estimate.model_dump(),
        "budget": {
            "usd_per_run": settings.run_budget_usd,
            "usd_per_month": settings.budget_usd_per_month,
            "use_case_usd_per_month": settings.use_case.budget.usd_per_month,
            "over": verdict.over,
            "asks_for_approval": verdict.ask,
        },
    }


def _show(
    use_case: str,
    env: str,
    counts: Mapping[str, int],
    plan: Plan,
    settings: RunSettings,
    estimate: Estimate,
    verdict: Verdict,
) -> None:
    told = ", ".join(f"{count:,} {split}" for split, count in counts.items())
    console.stdout.print(Text.assemble((use_case, "bold"), f" in {env}: {told}\n"))
    console.stdout.print(_hyperparameters(plan))
    for warning in plan.warnings:
        console.stdout.print(Text.assemble(("warning ", "yellow"), warning))
    console.stdout.print()
    console.stdout.print(_forecast(estimate))
    reasons: dict[str, list[str]] = {}
    for line in estimate.lines:
        if line.usd is None:
            reasons.setdefault(line.price, []).append(line.what)
    for reason, lines in reasons.items():
        console.stdout.print(Text.assemble((f"{', '.join(lines)} ", "bold"), reason))
    _conclude(settings, estimate, verdict)


def _table(*columns: tuple[str, str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    for heading, kind in columns:
        if kind == "text":
            table.add_column(heading, style="dim", overflow="fold", ratio=1)
        else:
            table.add_column(heading, justify="right" if kind == "number" else "left", no_wrap=True)
    return table


def _hyperparameters(plan: Plan) -> Table:
    table = _table(("hyperparameter", ""), ("value", "number"), ("why", "text"))
    for item in plan.hyperparameters:
        value = (
            "–"
            if item.value is None
            else f"{item.value:,}"
            if isinstance(item.value, int)
            else str(item.value)
        )
        told = item.source if item.source == "use_case.yaml" else f"{item.source}; {item.reason}"
        table.add_row(item.name, value, escape(told))
    return table


def _forecast(estimate: Estimate) -> Table:
    columns = [
        ("forecast", ""),
        ("quantity", "number"),
        ("", ""),
        ("USD", "number"),
        ("low to high", "number"),
    ]
    wide = console.stdout.width >= WIDE
    table = _table(*columns, *([("assumption", "text")] if wide else []))
    for line in estimate.lines:
        row = [line.what, _amount(line.quantity), line.unit, _usd(line.usd), _range(line)]
        table.add_row(*row, *([escape(line.assumption)] if wide else []))
    table.add_section()
    known = "known" if estimate.unknown else "total"
    between = f"{estimate.low_usd:,.2f} to {estimate.high_usd:,.2f}"
    table.add_row(
        Text(known, style="bold"), "", "", Text(f"{estimate.total_usd:,.2f}", style="bold"), between
    )
    return table


def _amount(value: float | None) -> str:
    return "?" if value is None else f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"


def _usd(value: float | None) -> str:
    if value is None:
        return "unknown"
    return "<0.01" if 0 < value < SMALLEST_SHOWN else f"{value:,.2f}"


def _range(line: EstimateLine) -> str:
    if line.usd_low is None or line.usd_high is None:
        return ""
    return f"{_usd(line.usd_low)} to {_usd(line.usd_high)}"


def _conclude(settings: RunSettings, estimate: Estimate, verdict: Verdict) -> None:
    if verdict.over:
        told = Text.assemble(("over budget ", "bold red"), verdict.over)
    else:
        budget = f"{estimate.told}; budget {settings.run_budget_usd:,.2f} USD a run"
        told = Text.assemble(
            ("within budget, as far as known: " if estimate.unknown else "within budget: "), budget
        )
    console.stdout.print(told)
    asked = f"yes: {verdict.ask}" if verdict.ask else "no"
    if not verdict.over:
        console.stdout.print(Text(f"a person must agree: {asked}"))


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan")(plan_command)
