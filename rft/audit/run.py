"""Puts references, golden answers and probes to a reward, and measures how steady and how fast it is."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from rft.audit import consistency, constant
from rft.audit.cases import Case
from rft.audit.probes import Bank, Probe
from rft.audit.report import document
from rft.audit.subject import Findings, Subject
from rft.audit.verdict import judge
from rft.evaluation.grading import Grade
from rft.evaluation.scorers import Samples, Scorer
from rft.planning.prices import PriceList
from rft.rewards import judge_usage

CHUNK: Final = 32  # samples a call: what a slow reward scores within its time, too
Tell = Callable[[int, int], None]  # samples scored, samples in all


def audit(
    subject: Subject,
    score: Scorer,
    *,
    prices: PriceList,
    function_arn: str | None = None,
    tell: Tell = lambda done, total: None,
) -> dict[str, Any]:
    """Audit a reward and return the report; `function_arn` names a deployed one in it.

    Raises:
        FunctionFailed, RewardRejected: when a deployed reward function does not answer, or not as it must.
    """
    findings = score_everything(subject, score, tell)
    return document(subject, findings, judge(findings, subject), prices=prices, function_arn=function_arn)


def score_everything(subject: Subject, score: Scorer, tell: Tell) -> Findings:
    """Score everything, in calls of at most `CHUNK` samples.

    Raises:
        FunctionFailed, RewardRejected: when a deployed reward function does not answer, or not as it must.
    """
    extent, cases = subject.extent, subject.cases
    probes = list(Bank(subject.records, subject.reward.audit.probe_records, huge=extent.huge).probes())
    plan = constant.plan(subject.records, extent.constants, extent.constant_records, extent.finalists)
    alone = _alone(cases, probes, extent.alone)
    steady = _steady(cases, probes, extent.steady)
    total = len(alone) + len(cases) + len(probes) + consistency.CALLS * len(steady) + plan.samples
    count = _Counting(score, tell, total)

    judge_usage.drain()
    latencies = [count.timed(sample) for sample in alone]
    judge_alone = judge_usage.drain()
    case_grades = count.in_chunks([case.sample for case in cases])
    probe_grades = count.in_chunks([probe.sample for probe in probes])
    steadiness = consistency.check(steady, count.at_once)
    best = constant.search(plan, count.in_chunks)
    tell(total, total)
    return Findings(
        cases=list(zip(cases, case_grades, strict=True)),
        probes=list(zip(probes, probe_grades, strict=True)),
        constant=best,
        consistency=steadiness,
        first_ms=latencies[0] if latencies else 0.0,
        latencies_ms=latencies[1:] or latencies,
        samples=count.done,
        alone=len(alone),
        judge_alone=judge_alone,
        judge=judge_alone + judge_usage.drain(),
    )


def _alone(cases: Sequence[Case], probes: Sequence[Probe], limit: int) -> list[Mapping[str, Any]]:
    """Ideal responses first, because they are what a trained model will look like; then golden answers."""
    ideal = [probe.sample for probe in probes if probe.kind.rule == "ideal"]
    golden = [case.sample for case in cases if case.is_golden]
    return [*ideal, *golden, *(case.sample for case in cases if not case.is_golden)][:limit]


def _steady(cases: Sequence[Case], probes: Sequence[Probe], limit: int) -> list[Mapping[str, Any]]:
    """A little of everything: a probe of every kind but the huge one, then golden answers and references."""
    kinds = {probe.kind.name: probe.sample for probe in reversed(probes) if probe.kind.name != "huge"}
    golden = [case.sample for case in cases if case.is_golden]
    references = [case.sample for case in cases if not case.is_golden]
    quarter = limit // 4
    return [
        *references[:quarter],
        *golden[:quarter],
        *kinds.values(),
        *golden[quarter:],
        *references[quarter:],
    ][:limit]


class _Counting:
    """A scorer that tells how far it has come."""

    def __init__(self, score: Scorer, tell: Tell, total: int) -> None:
        self._score, self._tell, self._total = score, tell, total
        self.done = 0

    def at_once(self, samples: Samples) -> list[Grade]:
        grades = list(self._score(samples))
        self.done += len(samples)
        self._tell(min(self.done, self._total), self._total)
        return grades

    def in_chunks(self, samples: Samples) -> list[Grade]:
        return [
            found
            for start in range(0, len(samples), CHUNK)
            for found in self.at_once(samples[start : start + CHUNK])
        ]

    def timed(self, sample: Mapping[str, Any]) -> float:
        began = time.perf_counter()
        self.at_once([sample])
        return (time.perf_counter() - began) * 1000
