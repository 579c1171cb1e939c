"""What the scores of an audit amount to: wrong known answers, wrong orders, one line for each kind of probe."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean
from typing import Final

from rft.audit.cases import Case
from rft.audit.probes import Kind, Rule
from rft.audit.subject import Findings
from rft.evaluation.grading import Grade
from rft.rewards.contract import REFERENCE_KEY

DIGITS: Final = 6  # scores are compared after rounding, so that 0.1 + 0.2 is 0.3
COMPARED: Final[frozenset[Rule]] = frozenset({"worthless", "not_above"})  # never above the ideal response


@dataclass(frozen=True, slots=True)
class Miss:
    """A known answer outside of its range, or on which the reward raises."""

    name: str
    score: float
    minimum: float
    maximum: float
    error: bool

    @property
    def is_above(self) -> bool:
        return not self.error and self.score > self.maximum

    def __str__(self) -> str:
        if self.error:
            return f"{self.name} makes the reward raise"
        return f"{self.name} scores {self.score:.3f}, expected {self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two golden answers to one prompt, of which the first must not score below the second."""

    better: str
    worse: str
    better_score: float
    worse_score: float

    def __str__(self) -> str:
        return f"{self.better} ({self.better_score:.3f}) below {self.worse} ({self.worse_score:.3f})"


@dataclass(frozen=True, slots=True)
class KindResult:
    """One kind of probe: its scores, on how many records the reward raised (`raised`: though it did not on
    their ideal response), and the records that break the kind's rule."""

    kind: Kind
    records: int
    mean: float
    highest: float
    errors: int
    raised: int
    offending: tuple[int, ...]


def misses(findings: Findings) -> list[Miss]:
    """Known answers that score wrongly; an answer without a reference may make the reward raise."""
    return [
        Miss(case.name, score, case.minimum, case.maximum, found.error)
        for case, found in findings.cases
        for score in [round(found.reward, DIGITS)]
        if not case.minimum <= score <= case.maximum or (found.error and _has_reference(case))
    ]


def _has_reference(case: Case) -> bool:
    return case.sample["metadata"].get(REFERENCE_KEY) is not None


def ordered_pairs(cases: Sequence[tuple[Case, Grade]]) -> Iterator[Pair]:
    """Golden answers to the same prompt whose ranges do not overlap, the better one first."""
    groups: dict[str, list[tuple[Case, Grade]]] = {}
    for case, found in cases:
        if case.is_golden:
            groups.setdefault(case.prompt, []).append((case, found))
    for group in groups.values():
        for one, two in combinations(group, 2):
            for (a, a_found), (b, b_found) in ((one, two), (two, one)):
                if a.minimum >= b.maximum and a.maximum > b.minimum:
                    yield Pair(a.name, b.name, a_found.reward, b_found.reward)


def reads_reference(findings: Findings, tolerance: float) -> bool | None:
    """Whether another record's reference changes the score of an ideal response; None when none was tried."""
    ideals = findings.ideals
    swapped = [
        (found, ideals[probe.number])
        for probe, found in findings.probes
        if probe.kind.rule == "swapped" and probe.number in ideals
    ]
    if not swapped:
        return None
    return any(_differs(found, ideal, tolerance) for found, ideal in swapped)


def kind_results(findings: Findings, tolerance: float) -> list[KindResult]:
    """One line a kind, in the order of the bank."""
    ideals = findings.ideals
    groups: dict[Kind, list[tuple[int, Grade]]] = {}
    for probe, found in findings.probes:
        groups.setdefault(probe.kind, []).append((probe.number, found))
    return [
        KindResult(
            kind=kind,
            records=len(group),
            mean=fmean(_earned(kind.rule, found) for _, found in group),
            highest=max(found.reward for _, found in group),
            errors=sum(found.error for _, found in group),
            raised=sum(found.error and _is_sound(ideals.get(number)) for number, found in group),
            offending=tuple(
                number for number, found in group if _offends(kind.rule, found, ideals.get(number), tolerance)
            ),
        )
        for kind, group in groups.items()
    ]


def _earned(rule: Rule, found: Grade) -> float:
    """The floor that an error gets is not earned where an error is what is asked for."""
    return 0.0 if found.error and rule in {"ill_typed", "no_reference"} else found.reward


def _is_sound(ideal: Grade | None) -> bool:
    return ideal is None or not ideal.error


def _offends(rule: Rule, found: Grade, ideal: Grade | None, tolerance: float) -> bool:
    if ideal is None or ideal.error:
        return False
    if rule == "no_reference":  # the right score is fine: other keys of a record may hold the answer, too
        return not found.error and _differs(found, ideal, tolerance)
    if rule in COMPARED:
        return found.reward > ideal.reward + tolerance
    return rule == "same" and _differs(found, ideal, tolerance)


def _differs(found: Grade, ideal: Grade, tolerance: float) -> bool:
    return found.error != ideal.error or abs(found.reward - ideal.reward) > tolerance


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; 0 without values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
