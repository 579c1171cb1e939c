"""Small tasks with honest rewards, for tests of the audit."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rft.audit.cases import AuditRecord, Case, read_records
from rft.audit.run import audit
from rft.audit.subject import Subject
from rft.datasets.records import prompt_hash
from rft.evaluation.scorers import local_scorer
from rft.planning.prices import price_list
from rft.reward_settings import Reward
from rft.rewards.batch import RewardFunction
from rft.rewards.contract import MissingReferenceError, Sample
from rft.settings import Prices

PRICES = price_list("us-east-1", "amazon.nova-2-lite-v1:0:256k", Prices())

Report = dict[str, Any]
LABELS = ("billing", "delivery", "warranty", "account")


def record(prompt: str, reference: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": prompt}], "reference_answer": reference}


def sums(count: int = 24) -> list[dict[str, Any]]:
    """Word problems in the manner of GSM8K, with distinct answers of two or three digits."""
    return [
        record(
            f"Ann has {13 * n + 20} coins and gets {7 * n + 3} more. How many are they?",
            f"She has {13 * n + 20} and gets {7 * n + 3}.\n#### {20 * n + 23}",
        )
        for n in range(count)
    ]


def labels(count: int = 24) -> list[dict[str, Any]]:
    """Letters to be put under one of a few labels, all equally frequent."""
    return [
        record(f"Sort letter {n} under one of: {', '.join(LABELS)}.", LABELS[n % len(LABELS)])
        for n in range(count)
    ]


def objects(count: int = 24) -> list[dict[str, Any]]:
    """Texts to be read into JSON."""
    return [
        record(
            f"Read: box {n} weighs {n + 5} kg in hall {n % 7}.",
            {"box": n + 100, "kg": n + 5, "hall": f"h{n}"},
        )
        for n in range(count)
    ]


def last_number(text: str) -> str | None:
    marked = re.findall(r"####[ ]?([0-9]{1,9})(?![^\n])", text[-2000:])
    return marked[-1] if len(set(marked)) == 1 else None


def honest_sum(sample: Sample) -> float:
    """1 for the one right number behind the marker."""
    expected = last_number(sample.reference) if isinstance(sample.reference, str) else None
    if expected is None:
        raise MissingReferenceError("no number in the reference")
    return float(last_number(sample.response) == expected)


def honest_label(sample: Sample) -> float:
    """1 for the right label and nothing else."""
    if sample.reference not in LABELS:
        raise MissingReferenceError("no label in the reference")
    return float(sample.response.strip().casefold() == sample.reference)


def honest_object(sample: Sample) -> float:
    """The share of right fields of the one object in the response."""
    if not isinstance(sample.reference, Mapping) or "box" not in sample.reference:
        raise MissingReferenceError("no object in the reference")
    found = re.findall(r"\{[^{}]{0,500}\}", sample.response[:5000])
    try:
        (given,) = {json.dumps(json.loads(text), sort_keys=True) for text in found}
    except ValueError:
        return 0.0
    values = json.loads(given)
    right = sum(values.get(key) == value for key, value in sample.reference.items())
    return float(right / len(sample.reference))


def golden(name: str, response: str, low: float, high: float, task: Mapping[str, Any] | None = None) -> Case:
    """A golden answer to the first sum, or to another record."""
    of = task or sums(1)[0]
    messages = [*of["messages"], {"role": "assistant", "content": response}]
    sample = {"id": name, "messages": messages, "metadata": {"reference_answer": of["reference_answer"]}}
    return Case(
        f"golden answer {name}", sample, low, high, is_golden=True, prompt=prompt_hash(of["messages"])
    )


def read(records: Sequence[Mapping[str, Any]]) -> list[AuditRecord]:
    return read_records((json.dumps(one).encode() for one in records), 100)


def audited(
    reward: RewardFunction,
    records: Sequence[Mapping[str, Any]],
    *,
    golden_answers: Sequence[Case] = (),
    reference_required: bool = True,
    floor: float = 0.0,
    **limits: Any,
) -> Report:
    """The report on a reward in this process; `limits` are members of `reward.audit`."""
    settings = Reward.model_validate({"audit": limits, "floor": floor})
    subject = Subject("task", read(records), golden_answers, settings, reference_required)
    return audit(subject, local_scorer(reward, settings), prices=PRICES)


def broken(report: Report) -> set[str]:
    """What the breaches of a report are about."""
    return {breach["about"] for breach in report["breaches"]}
