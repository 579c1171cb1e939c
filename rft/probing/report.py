"""The report on a probe: JSON, and one self-contained HTML page with the most instructive prompts and their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rft.evaluation.batch import Outcome
from rft.pages import cut, page_environment
from rft.probing.examples import Example
from rft.rewards.contract import REFERENCE_KEY, content_text
from rft.runs.probe_part import Probe

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Shown:
    """An example with its texts; `answers` are (reward, remarks, text)."""

    why: str
    place: int
    slice: str | None
    messages: Sequence[tuple[str, str]]
    reference: str
    answers: Sequence[tuple[float, str, str]]


def show(example: Example, record: Mapping[str, Any]) -> Shown:
    """An example with the record it is about."""
    group = example.group
    reference = record.get(REFERENCE_KEY)
    return Shown(
        example.why,
        group.index + 1,
        group.slice,
        [(str(message["role"]), cut(content_text(message.get("content")))) for message in record["messages"]],
        "" if reference is None else cut(str(reference)),
        [(answer.reward or 0.0, _remarks(answer), cut(answer.response)) for answer in group.answers],
    )


def to_json(probe: Probe, *, model: str, examples: Sequence[Example]) -> dict[str, Any]:
    """The report without texts: prompts by their line in the probe's file."""
    return {
        "model": model,
        **probe.model_dump(mode="json"),
        "examples": [
            {
                "why": example.why,
                "line": example.group.index + 1,
                "prompt": example.group.prompt,
                "rewards": list(example.group.rewards),
            }
            for example in examples
        ],
    }


def render(
    probe: Probe, *, title: str, model: str, examples: Sequence[Shown], simulated: bool = False
) -> str:
    """The page as HTML text; `title` says whose probe it is, such as `gsm8k · run 0123`."""
    highest = max(probe.bars, default=1) or 1
    return (
        page_environment(TEMPLATES)
        .get_template("probe_report.html.j2")
        .render(
            probe=probe,
            title=title,
            model=model,
            examples=examples,
            simulated=simulated,
            columns=[
                (index * 72.0 + 3, 66.0, 116 * (1 - count / highest) + 20, 116 * count / highest, count)
                for index, count in enumerate(probe.bars)
            ],
        )
    )


def _remarks(answer: Outcome) -> str:
    found = [f"{answer.output_tokens} tokens"]
    if answer.stop_reason == "max_tokens":
        found.append("cut off")
    if answer.again is not None and answer.again != answer.reward:
        found.append(f"{answer.again:.3f} when scored again")
    if answer.says_reference:
        found.append("ends with the reference")
    return ", ".join(found)
