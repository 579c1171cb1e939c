"""Tries the deployed reward function before it is trained on: references must earn the top, golden answers
what their author expects."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any, Final

from rft.aws import FunctionFailed
from rft.errors import RewardRejected
from rft.evaluation.grading import Grade, grade, sample
from rft.names import RECORD_KEY
from rft.rewards.contract import REFERENCE_KEY, reference_response
from rft.rewards.loading import read_golden
from rft.runs.record import Audit
from rft.settings import Reward

AUDIT: Final = "audit"  # the split of these samples in the reward metrics
MAX_NAMED: Final = 5  # offenders named in the message


@dataclass(frozen=True, slots=True)
class Case:
    """One answer with the scores it may get; `name` says where it comes from, without its text."""

    name: str
    sample: Mapping[str, Any]
    minimum: float
    maximum: float


def reference_cases(lines: Iterable[bytes], settings: Reward) -> list[Case]:
    """The references of the first prepared records as answers; records without one are left out."""
    records = (json.loads(line) for line in islice(lines, settings.audit.records))
    return [
        Case(
            f"the reference of training record {number}",
            sample(f"reference-{number}", _audited(record), reference_response(record[REFERENCE_KEY])),
            settings.audit.min_reference_score,
            1.0,
        )
        for number, record in enumerate(records, start=1)
        if record.get(REFERENCE_KEY) is not None
    ]


def _audited(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with its split renamed, so that references do not count as training rollouts in the metrics."""
    return {**record, RECORD_KEY: {**record.get(RECORD_KEY, {}), "split": AUDIT}}


def golden_cases(path: Path) -> list[Case]:
    """The golden answers of a use case; none without a file."""
    return [
        Case(
            f"golden answer {answer.id}",
            {**answer.sample, "id": f"golden-{number}"},
            answer.minimum,
            answer.maximum,
        )
        for number, answer in enumerate(read_golden(path) if path.exists() else [], start=1)
    ]


def audit(function_arn: str, cases: Sequence[Case]) -> Audit:
    """Score the cases and compare.

    Raises:
        RewardRejected: naming the first cases that score outside of what is expected.
    """
    if not cases:
        raise RewardRejected("there is nothing to audit the reward with: add golden answers or references")
    try:
        grades = grade(function_arn, [case.sample for case in cases])
    except FunctionFailed as error:
        raise RewardRejected(f"the reward function does not answer: {error}") from error
    wrong = [told for case, found in zip(cases, grades, strict=True) if (told := _complaint(case, found))]
    if wrong:
        more = f" and {len(wrong) - MAX_NAMED} more" if len(wrong) > MAX_NAMED else ""
        raise RewardRejected(
            f"{len(wrong)} of {len(cases)} answers score wrongly: {'; '.join(wrong[:MAX_NAMED])}{more}; mend "
            "reward.py or the data, and check with: rft reward score"
        )
    return Audit(checked=len(cases), mean=fmean(found.reward for found in grades))


def _complaint(case: Case, found: Grade) -> str | None:
    if found.error:
        return f"{case.name} makes the reward raise"
    if not case.minimum <= found.reward <= case.maximum:
        return f"{case.name} scores {found.reward:.3f}, expected {case.minimum:g} to {case.maximum:g}"
    return None
