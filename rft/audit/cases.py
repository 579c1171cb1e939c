"""Answers whose score is known beforehand: the references of training records, and the golden answers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from rft.datasets.records import Marker, prompt_hash, read_marker
from rft.evaluation.grading import sample
from rft.names import AUDIT, RECORD_KEY
from rft.rewards.contract import REFERENCE_KEY, content_text, reference_response, unwrap_reference
from rft.rewards.loading import read_golden


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One training record; `number` is its place in the file from 1, `ideal` its reference as an answer."""

    number: int
    record: Mapping[str, Any]
    ideal: str | None

    @property
    def name(self) -> str:
        return f"training record {self.number}"

    @property
    def prompt(self) -> str:
        """Text of the last user message, "" without one."""
        asked = [message for message in self.record["messages"] if message.get("role") == "user"]
        return content_text(asked[-1].get("content")) if asked else ""

    def answered(self, identity: str, response: str) -> dict[str, Any]:
        """The record with an answer, as Bedrock sends it."""
        return sample(identity, self.record, response)


@dataclass(frozen=True, slots=True)
class Case:
    """One answer with the scores it may get; `name` says where it comes from, without its text."""

    name: str
    sample: Mapping[str, Any]
    minimum: float
    maximum: float
    is_golden: bool
    prompt: str  # hash; answers to the same prompt can be put in order


def read_records(lines: Iterable[bytes], limit: int) -> list[AuditRecord]:
    """The first records of a train file, prepared or not; blank lines are passed over.

    Their split becomes `audit`, so that they do not count as training rollouts in the metrics.
    """
    records = (json.loads(line) for line in islice((line for line in lines if line.strip()), limit))
    return [
        AuditRecord(number, _audited(record), _ideal(record))
        for number, record in enumerate(records, start=1)
    ]


def _audited(record: Mapping[str, Any]) -> dict[str, Any]:
    return {**record, RECORD_KEY: {**record.get(RECORD_KEY, {}), "split": AUDIT}}


def _ideal(record: Mapping[str, Any]) -> str | None:
    reference = unwrap_reference(record.get(REFERENCE_KEY))
    return None if reference is None else reference_response(reference)


def run_of(records: Sequence[AuditRecord]) -> str:
    """The run that prepared records belong to; "" for a use case's own sample."""
    marker = read_marker(records[0].record) if records else None
    return marker.run if marker else ""


def reference_cases(records: Sequence[AuditRecord], minimum: float) -> list[Case]:
    """The references as answers; records without one are left out."""
    return [
        Case(
            f"the reference of {record.name}",
            record.answered(f"reference-{record.number}", record.ideal),
            minimum,
            1.0,
            is_golden=False,
            prompt=prompt_hash(record.record["messages"]),
        )
        for record in records
        if record.ideal is not None
    ]


def golden_cases(path: Path, run: str = "") -> list[Case]:
    """The golden answers of a use case; none without a file.

    Raises:
        ValueError: naming the line that is malformed.
    """
    cases = []
    for number, answer in enumerate(read_golden(path) if path.exists() else [], start=1):
        prompt = prompt_hash(answer.sample["messages"][:-1])
        metadata = {**answer.sample["metadata"], RECORD_KEY: Marker(run, AUDIT, prompt).to_json()}
        sent = {**answer.sample, "id": f"golden-{number}", "metadata": metadata}
        cases.append(Case(f"golden answer {answer.id}", sent, answer.minimum, answer.maximum, True, prompt))
    return cases
