"""The report on a dataset: one self-contained HTML page, made of what a validation found (`Validation.to_json`).

It shows numbers and places. Texts of records are in it only when the caller passes them in as samples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rft.datasets.codes import Code
from rft.names import SPLITS
from rft.pages import page_environment

TEMPLATES: Final = Path(__file__).parent / "templates"
MAX_BARS: Final = 12  # of a list; the rest is summed up
_OTHERS: Final = "others"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a list: its share of the longest is what is drawn."""

    label: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding and how often it was found."""

    code: Code
    severity: str
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Prompts by length; `bars` are (x, width, y, height, title) in a box of 720 by 120."""

    split: str
    bars: Sequence[tuple[float, float, float, float, str]]
    shortest: int
    median: int
    p95: int
    longest: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A record as an example: roles in order, tokens (characters over 4), keys, and texts that may be shown."""

    place: str
    roles: Sequence[str]
    tokens: int
    keys: Sequence[str]
    texts: Sequence[tuple[str, str]] = ()


def render_dataset_report(found: Mapping[str, Any], *, title: str, samples: Sequence[Sample] = ()) -> str:
    """The page as HTML text.

    Args:
        found: what `Validation.to_json` gives.
        title: whose dataset it is, for example `gsm8k · first-try`.
        samples: records to show.
    """
    statistics = found["statistics"]
    kinds = [
        Kind(Code.named(entry["code"]), entry["severity"], entry["count"])
        for entry in sorted(found["counts"], key=lambda entry: (entry["severity"], -entry["count"]))
    ]
    shapes = statistics.get("shapes", {})
    return (
        page_environment(TEMPLATES)
        .get_template("dataset_report.html.j2")
        .render(
            found=found,
            title=title,
            sentence=verdict(found),
            kinds=kinds,
            histograms=[
                _histogram(split, part["prompt_tokens"]) for split, part in shapes.get("by_split", {}).items()
            ],
            languages=_bars(shapes.get("languages", {})),
            slices={
                split: _bars(count) for split, count in statistics.get("keys", {}).get("slices", {}).items()
            },
            personal=_bars(statistics.get("personal_data", {}).get("kinds", {})),
            scored=statistics.get("references_scored"),
            samples=samples,
        )
    )


def verdict(found: Mapping[str, Any]) -> str:
    """The outcome in a sentence."""
    records = ", ".join(
        f"{found['records'].get(split, 0):,} {split}" for split in SPLITS if split in found["records"]
    )
    warnings = _counted(found["warnings"], "warning")
    if found["errors"]:
        errors = [entry for entry in found["counts"] if entry["severity"] == "error"]
        worst = _lower(
            Code.named(max(errors, key=lambda entry: entry["count"])["code"]).meaning.replace("`", "")
        )
        told = (
            f"One error must be mended: {worst}"
            if found["errors"] == 1
            else (f"{found['errors']:,} errors must be mended, most often: {worst}")
        )
        return f"This dataset cannot be trained on. {told} ({records} records, {warnings})."
    if found["warnings"]:
        return f"This dataset can be trained on once a person has looked at {warnings} ({records} records)."
    return f"This dataset is worth training on: nothing was found in {records} records."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _bars(counts: Mapping[str, int]) -> list[Bar]:
    ordered = sorted(counts.items(), key=lambda entry: -entry[1])
    shown, rest = ordered[:MAX_BARS], ordered[MAX_BARS:]
    if rest:
        shown.append((_OTHERS, sum(count for _, count in rest)))
    longest = max((count for _, count in shown), default=1)
    return [Bar(label, count, count / longest) for label, count in shown]


def _histogram(split: str, told: Mapping[str, Any]) -> Histogram:
    counts, low, width = told["bars"], told["from"], told["width"]
    highest = max(counts, default=1) or 1
    step = 720 / max(1, len(counts))
    bars = []
    for index, count in enumerate(counts):
        height = 120 * count / highest
        title = f"{low + index * width:,.0f} to {low + (index + 1) * width:,.0f} tokens: {count:,} prompts"
        bars.append((index * step + 1, step - 2, 120 - height, height, title))
    shortest = round(low)
    return Histogram(split, bars, shortest, told["median"], told["p95"], told["longest"])
