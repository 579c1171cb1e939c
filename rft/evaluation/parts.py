"""Where an evaluation's plan, records, answers and summary lie in the artifacts bucket."""

import json
from collections.abc import Sequence
from typing import Any

from rft import objects
from rft.evaluation.batch import Outcome, from_jsonl, to_jsonl
from rft.evaluation.plan import PlannedPrompt, plan, spans
from rft.evaluation.plan import to_jsonl as plan_to_jsonl
from rft.names import RunKeys


def write_plan(bucket: str, keys: RunKeys, phase: str, max_prompts: int) -> int:
    """Plan a phase over its prepared file; return the number of prompts."""
    planned = plan(objects.lines(bucket, keys.dataset(phase)), max_prompts)
    objects.put_bytes(bucket, keys.evaluation_plan(phase), plan_to_jsonl(planned), "application/jsonl")
    return len(planned)


def planned_prompts(bucket: str, keys: RunKeys, phase: str) -> set[int]:
    """Indexes of the planned prompts."""
    return {json.loads(line)["index"] for line in objects.lines(bucket, keys.evaluation_plan(phase))}


def read_records(bucket: str, key: str, prompts: Sequence[PlannedPrompt]) -> list[tuple[int, dict[str, Any]]]:
    """Read planned records with as few requests as their places allow."""
    found = []
    for group in spans(prompts):
        first, last = group[0], group[-1]
        data = objects.read_bytes(bucket, key, first.offset, last.offset + last.length - first.offset)
        for prompt in group:
            start = prompt.offset - first.offset
            found.append((prompt.index, json.loads(data[start : start + prompt.length])))
    return found


def write_part(bucket: str, keys: RunKeys, phase: str, outcomes: Sequence[Outcome]) -> None:
    """Store a batch's answers; the same batch again overwrites them."""
    first = min(outcome.index for outcome in outcomes)
    objects.put_bytes(bucket, keys.evaluation_part(phase, first), to_jsonl(outcomes), "application/jsonl")


def read_outcomes(bucket: str, keys: RunKeys, phase: str, attempt: int) -> list[Outcome]:
    """All answers of a phase by this attempt; what earlier attempts left is ignored."""
    return [
        outcome
        for key in objects.list_keys(bucket, keys.evaluation_parts(phase))
        for outcome in from_jsonl(objects.lines(bucket, key))
        if outcome.attempt == attempt
    ]
