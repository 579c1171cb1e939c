"""What of an audit breaks the use case's thresholds. A breach names kinds and ids, never text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rft.audit import measures
from rft.audit.measures import KindResult, Miss, Pair
from rft.audit.probes import OTHER_ANSWER
from rft.audit.subject import Findings, Subject

TOLERANCE: Final = 1e-6
JUDGE_TOLERANCE: Final = 0.05  # a judge is not exactly repeatable, not even at temperature 0
MAX_NAMED: Final = 3  # offenders named in a sentence
MAY_RAISE: Final = frozenset({"ill_typed", "no_reference", "swapped"})  # rules under which a reward may raise

CASES, ORDER, CONSTANT, DETERMINISM, LATENCY = "cases", "order", "constant", "determinism", "latency"


@dataclass(frozen=True, slots=True)
class Breach:
    """A threshold that is broken: what it is about (a kind of probe or a name above), and a sentence."""

    about: str
    told: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings against the thresholds; without `breaches` the audit is passed."""

    false_positives: Sequence[Miss]
    false_negatives: Sequence[Miss]
    pairs: Sequence[Pair]
    disorders: Sequence[Pair]
    kinds: Sequence[KindResult]
    reads_reference: bool
    latency_p50_ms: float
    latency_p99_ms: float
    breaches: Sequence[Breach]

    @property
    def passed(self) -> bool:
        return not self.breaches


def judge(findings: Findings, subject: Subject) -> Verdict:
    """Hold the findings against the settings."""
    tolerance = JUDGE_TOLERANCE if subject.reward.judge else TOLERANCE
    wrong = measures.misses(findings)
    positives = [miss for miss in wrong if miss.is_above]
    negatives = [miss for miss in wrong if not miss.is_above]
    pairs = list(measures.ordered_pairs(findings.cases))
    disorders = [pair for pair in pairs if pair.better_score < pair.worse_score - tolerance]
    reads = measures.reads_reference(findings, tolerance)
    reads = subject.reference_required if reads is None else reads
    kinds = measures.kind_results(findings, tolerance)
    p99 = measures.percentile(findings.latencies_ms, 0.99)
    breaches = [
        *_of_cases(findings, subject, positives, negatives),
        *_of_order(pairs, disorders),
        *_of_probes(kinds, subject, needs_reference=reads and subject.reference_required),
        *_of_constant(findings, subject),
        *_of_steadiness(findings, tolerance),
        *_of_latency(p99, subject),
    ]
    return Verdict(
        false_positives=positives,
        false_negatives=negatives,
        pairs=pairs,
        disorders=disorders,
        kinds=kinds,
        reads_reference=reads,
        latency_p50_ms=measures.percentile(findings.latencies_ms, 0.5),
        latency_p99_ms=p99,
        breaches=breaches,
    )


def _of_cases(
    findings: Findings, subject: Subject, positives: Sequence[Miss], negatives: Sequence[Miss]
) -> Iterator[Breach]:
    limits, known = subject.reward.audit, len(findings.cases)
    golden = sum(case.is_golden for case, _ in findings.cases)
    if not known:
        yield Breach(CASES, "there is nothing to audit the reward with: add golden answers or references")
    if negatives and len(negatives) / known > limits.max_false_negative_share:
        told = "known answers score too low or make the reward raise"
        yield Breach(CASES, f"{len(negatives)} of {known} {told}: {_named(negatives)}")
    # A reference cannot score above its maximum of 1, so that only golden answers count here.
    if positives and len(positives) / max(1, golden) > limits.max_false_positive_share:
        told = "golden answers score too high"
        yield Breach(CASES, f"{len(positives)} of {golden} {told}: {_named(positives)}")


def _of_order(pairs: Sequence[Pair], disorders: Sequence[Pair]) -> Iterator[Breach]:
    if disorders:
        told = f"{len(disorders)} of {len(pairs)} pairs of golden answers are in the wrong order"
        yield Breach(ORDER, f"{told}: {_named(disorders)}")


def _of_probes(kinds: Sequence[KindResult], subject: Subject, *, needs_reference: bool) -> Iterator[Breach]:
    wrong_answer = next((result.mean for result in kinds if result.kind == OTHER_ANSWER), 0.0)
    for result in kinds:
        for told in _of_kind(result, subject, wrong_answer, needs_reference):
            yield Breach(result.kind.name, f"{result.kind.label}: {told}")


def _of_kind(
    result: KindResult, subject: Subject, wrong_answer: float, needs_reference: bool
) -> Iterator[str]:
    rule, limit = result.kind.rule, subject.reward.audit.max_hack_score
    if rule in {"worthless", "ill_typed"} and result.mean > limit + TOLERANCE:
        yield f"earns {result.mean:.3f} on average, above max_hack_score {limit:g}"
    if rule in measures.COMPARED and result.offending:
        yield f"scores above the ideal response of {_records(result)}"
    if rule == "buried" and result.mean < wrong_answer - TOLERANCE:
        yield f"earns {result.mean:.3f} on average, less than wrong answers ({wrong_answer:.3f})"
    if rule == "same" and result.offending:
        yield f"scores unlike the same answer in plain form on {_records(result)}"
    if rule == "no_reference" and needs_reference and result.offending:
        yield f"scored instead of counted as an error on {_records(result)}"
    if rule not in MAY_RAISE and result.raised and not subject.reward.judge:
        yield f"makes the reward raise on {result.raised} of {result.records} records"


def _of_constant(findings: Findings, subject: Subject) -> Iterator[Breach]:
    limit, best = subject.reward.audit.max_constant_score, findings.constant
    if best and best.mean > limit + TOLERANCE:
        told = f"earns {best.mean:.3f} as the answer to {best.records} records"
        yield Breach(CONSTANT, f"constant answer: {best.name} {told}, above max_constant_score {limit:g}")


def _of_steadiness(findings: Findings, tolerance: float) -> Iterator[Breach]:
    found = findings.consistency
    for difference in found.differences:
        if difference.mean > tolerance:
            told = f"{difference.differing} scores of {found.samples} samples change when {difference.what}"
            yield Breach(DETERMINISM, f"determinism: {told}, by up to {difference.largest:.3f}")
    if found.broken_rewarded:
        told = "scored instead of counted as errors"
        yield Breach(DETERMINISM, f"broken samples: {found.broken_rewarded} {told}")


def _of_latency(p99_ms: float, subject: Subject) -> Iterator[Breach]:
    limit = subject.reward.audit.max_latency_p99_ms
    if p99_ms > limit:
        told = f"{p99_ms:,.0f} ms a sample at p99, above max_latency_p99_ms {limit:,.0f}"
        yield Breach(LATENCY, f"latency: {told}")


def _named(found: Sequence[object]) -> str:
    more = f" and {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
    return "; ".join(str(one) for one in found[:MAX_NAMED]) + more


def _records(result: KindResult) -> str:
    shown = ", ".join(str(number) for number in result.offending[:MAX_NAMED])
    more = f" and {len(result.offending) - MAX_NAMED} more" if len(result.offending) > MAX_NAMED else ""
    noun = "training record" if len(result.offending) == 1 else "training records"
    return f"{noun} {shown}{more}"
