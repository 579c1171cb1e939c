"""The best answer that ignores the prompt: what a model earns that learns nothing but one sentence."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from rft.audit.cases import AuditRecord
from rft.audit.texts import folded
from rft.evaluation.grading import Grade
from rft.evaluation.scorers import Samples

FIRST_RECORDS: Final = 8  # on which every constant is tried before the finalists get the rest
Score = Callable[[Samples], Sequence[Grade]]


@dataclass(frozen=True, slots=True)
class BestConstant:
    """`mean` over `records` of the reference that does best as the answer to all of them; `share` is the share
    of records whose own reference it is."""

    name: str
    mean: float
    records: int
    tried: int
    share: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Constants, most frequent first, and the records they are tried on."""

    constants: Sequence[AuditRecord]
    records: Sequence[AuditRecord]
    finalists: int

    @property
    def samples(self) -> int:
        """Samples scored at most."""
        first = min(FIRST_RECORDS, len(self.records))
        finalists = min(self.finalists, len(self.constants))
        return len(self.constants) * first + finalists * (len(self.records) - first)


def plan(records: Sequence[AuditRecord], constants: int, tried_on: int, finalists: int) -> Plan:
    """Choose the most frequent references, and records spread over the file."""
    having = [record for record in records if record.ideal is not None]
    counted = Counter(folded(record.ideal or "") for record in having)
    first = {folded(record.ideal or ""): record for record in reversed(having)}
    step = max(1, len(having) / tried_on)
    spread = [having[int(place * step)] for place in range(min(tried_on, len(having)))]
    return Plan([first[key] for key, _ in counted.most_common(constants)], spread, finalists)


def search(plan: Plan, score: Score) -> BestConstant | None:
    """Try every constant on the first records and the finalists on all; None without references."""
    if not plan.constants or not plan.records:
        return None
    step = max(1, len(plan.records) // FIRST_RECORDS)
    first = plan.records[::step][:FIRST_RECORDS]
    rest = [record for record in plan.records if record not in first]
    early = _rewards(plan.constants, first, score)
    ranked = sorted(range(len(early)), key=lambda place: (-fmean(early[place]), place))[: plan.finalists]
    late = _rewards([plan.constants[place] for place in ranked], rest, score)
    means = {place: fmean([*early[place], *more]) for place, more in zip(ranked, late, strict=True)}
    best = max(ranked, key=lambda place: means[place])
    constant = plan.constants[best]
    same = sum(folded(record.ideal or "") == folded(constant.ideal or "") for record in plan.records)
    return BestConstant(
        name=f"the reference of {constant.name}",
        mean=means[best],
        records=len(plan.records),
        tried=len(plan.constants),
        share=same / len(plan.records),
    )


def _rewards(
    constants: Sequence[AuditRecord], records: Sequence[AuditRecord], score: Score
) -> list[list[float]]:
    """Rewards of every constant on every record."""
    samples = [
        record.answered(f"constant-{constant.number}-{record.number}", constant.ideal or "")
        for constant in constants
        for record in records
    ]
    rewards = [found.reward for found in score(samples)]
    return [rewards[place * len(records) : (place + 1) * len(records)] for place in range(len(constants))]
