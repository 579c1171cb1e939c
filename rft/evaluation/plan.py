"""Which prompts a phase asks, as one small JSON line each: where the record lies, never what it says.

The lines travel through the state machine; offsets let a worker read its records with one ranged request.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rft.names import PROBE
from rft.settings import UseCaseSettings

MAX_SPAN_BYTES: Final = 64 * 1024 * 1024  # neighbours further apart than this are read one by one


@dataclass(frozen=True, slots=True)
class PlannedPrompt:
    """The record numbered `index` from 0 lies at byte `offset`; `length` bytes include the line feed."""

    index: int
    offset: int
    length: int


def plan(lines: Iterable[bytes], max_prompts: int) -> list[PlannedPrompt]:
    """Plan every record, or `max_prompts` spread evenly over the file; `lines` come without line feeds."""
    found, offset = [], 0
    for index, line in enumerate(lines):
        found.append(PlannedPrompt(index, offset, len(line) + 1))
        offset += len(line) + 1
    if len(found) <= max_prompts:
        return found
    return [found[position * len(found) // max_prompts] for position in range(max_prompts)]


def batch_size(prompts: int, samples: int) -> int:
    """Prompts per batch so that a batch asks for as many answers as one of `prompts` single ones, at least one."""
    return max(1, prompts // samples)


def tolerated_failures(settings: UseCaseSettings, phase: str) -> float:
    """Percentage of a phase's prompts that may go without a score."""
    if phase == PROBE:
        return 100 * (1 - settings.probe.min_coverage)
    return settings.evaluation.tolerated_failure_percentage


def to_jsonl(prompts: Iterable[PlannedPrompt]) -> bytes:
    return b"".join(json.dumps(asdict(prompt)).encode() + b"\n" for prompt in prompts)


def parse_items(items: Sequence[dict[str, Any]]) -> list[PlannedPrompt]:
    """The prompts of one batch, by index.

    Raises:
        KeyError, ValueError: when an item is no line of a plan.
    """
    prompts = [PlannedPrompt(int(item["index"]), int(item["offset"]), int(item["length"])) for item in items]
    return sorted(prompts, key=lambda prompt: prompt.index)


def spans(prompts: Sequence[PlannedPrompt]) -> Iterator[list[PlannedPrompt]]:
    """Group prompts so that each group can be read with one request of at most `MAX_SPAN_BYTES`."""
    group: list[PlannedPrompt] = []
    for prompt in prompts:
        if group and prompt.offset + prompt.length - group[0].offset > MAX_SPAN_BYTES:
            yield group
            group = []
        group.append(prompt)
    if group:
        yield group
