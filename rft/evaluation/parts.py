"""Where an evaluation's plan, records, answers and summary lie in the artifacts bucket."""

import itertools
import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Final

from rft import objects
from rft.evaluation.batch import Outcome, from_jsonl, to_jsonl
from rft.evaluation.plan import PlannedPrompt, parse_items, plan, spans
from rft.evaluation.plan import to_jsonl as plan_to_jsonl
from rft.names import RunKeys

READ_AT_ONCE: Final = 16  # small objects: waiting for S3 takes longer than reading


def write_plan(bucket: str, keys: RunKeys, phase: str, max_prompts: int) -> int:
    """Plan a phase over its prepared file; return the number of prompts."""
    planned = plan(objects.lines(bucket, keys.dataset(phase)), max_prompts)
    objects.put_bytes(bucket, keys.evaluation_plan(phase), plan_to_jsonl(planned), "application/jsonl")
    return len(planned)


def read_planned(bucket: str, keys: RunKeys, phase: str) -> list[PlannedPrompt]:
    """The prompts of a phase, by index."""
    return parse_items([json.loads(line) for line in objects.lines(bucket, keys.evaluation_plan(phase))])


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


def read_outcomes(
    bucket: str, keys: RunKeys, phase: str, attempt: int, *, texts: bool = False
) -> Iterator[Outcome]:
    """Answers of a phase by this attempt, in the order of their prompts; what earlier attempts left is ignored.

    Without `texts` their responses are empty, so that a caller may keep them all.
    """
    found = objects.list_keys(bucket, keys.evaluation_parts(phase))
    with ThreadPoolExecutor(max_workers=READ_AT_ONCE) as pool:
        while some := list(itertools.islice(found, READ_AT_ONCE)):
            for data in pool.map(lambda key: objects.read_bytes(bucket, key), some):
                for outcome in from_jsonl(data.splitlines()):
                    if outcome.attempt == attempt:
                        yield outcome if texts else replace(outcome, response="")
