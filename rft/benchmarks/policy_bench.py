"""How good the stop policy is: what it stops for nothing, what it finds, how late, and what that saves."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from statistics import fmean, median
from typing import Any, Final

from rft.benchmarks.trace_faults import HARMFUL, WARN_ONLY
from rft.benchmarks.trace_shapes import NOVA, RECORDED
from rft.benchmarks.traces import HEALTHY, KINDS, Suite, Trace, kind_of, trace
from rft.engines.capabilities import CAPABILITIES, MANTLE
from rft.monitoring.policy.decide import best_step, judge
from rft.monitoring.policy.detectors import findings
from rft.monitoring.policy.model import Limits
from rft.monitoring.policy.series import View
from rft.monitoring.trace import Point
from rft.probing.intervals import share
from rft.runs.probe_part import Interval

PATIENCES: Final = (5, 10, 20)
ENTROPIES: Final = (0.1, 0.3)
LEAST_GAIN: Final = 0.001
POLICY: Final = "policy"
SOURCES: Final[Mapping[str, str]] = {
    **{engine: f"policy, {engine}" for engine in CAPABILITIES},
    RECORDED: "policy, recorded elsewhere",
}
WITHOUT_DIVERSITY: Final = f"{SOURCES[NOVA]}, without answer diversity"
GOALS: Final = {"false_stops": 0.01, "found": 0.95, "delay_share": 0.10}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one way to decide did with one trace: the steps of its first abort and of its first warning or more."""

    kind: str
    shape: str
    noise: str
    profile: str
    source: str
    onset: int | None
    total: int
    abort: int | None
    warned: int | None
    saved: float = 0.0  # share of the cost after the abort, rightly or not

    @property
    def false_stop(self) -> bool:
        """It aborted where nothing was wrong, or not yet."""
        return self.abort is not None and (
            self.onset is None or self.kind in WARN_ONLY or self.abort < self.onset
        )

    @property
    def found_at(self) -> int | None:
        at = self.warned if self.kind in WARN_ONLY else self.abort
        return at if at is not None and self.onset is not None and at >= self.onset else None

    @property
    def worth(self) -> float:
        """Share of the cost that stopping saved; 0 for a stop before the fault."""
        return self.saved if self.found_at is not None else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one way to decide on the traces of one kind; delays and savings are of what it found."""

    name: str
    kind: str
    traces: int
    false_stops: Interval
    found: Interval | None
    delay_steps: float | None
    delay_share: float | None
    saved: float | None


def policy_verdict(one: Trace) -> Verdict:
    """What the policy does with a trace on its engine; when it aborts does not depend on the engine."""
    capabilities = CAPABILITIES.get(one.source, MANTLE)
    warned = None
    for count in range(1, len(one.points) + 1):
        points = one.points[:count]
        view = View(points)
        reasons = findings(view, Limits())
        if not reasons:
            continue
        step = points[-1].step
        if warned is None and (one.onset is None or step >= one.onset):
            warned = step
        if judge(step, reasons, best_step(view), capabilities).action == "abort":
            return _verdict(one, step, warned)
    return _verdict(one, None, warned)


def _verdict(one: Trace, abort: int | None, warned: int | None) -> Verdict:
    saved = 0.0
    if abort is not None:
        costs = [point.cost_usd or 0.0 for point in one.points]
        at = next(index for index, point in enumerate(one.points) if point.step == abort)
        saved = 1 - costs[at] / costs[-1]
    return Verdict(
        one.kind,
        one.shape,
        one.noise,
        one.profile,
        one.source,
        one.onset,
        len(one.points),
        abort,
        warned,
        saved,
    )


def patience(points: Sequence[Point], wait: int) -> int | None:
    """The step at which the validation reward has not improved for so many evaluations."""
    best, since = float("-inf"), 0
    for point in points:
        if point.validation_reward is None:
            continue
        if point.validation_reward > best + LEAST_GAIN:
            best, since = point.validation_reward, 0
        else:
            since += 1
            if since >= wait:
                return point.step
    return None


def low_entropy(points: Sequence[Point], least: float) -> int | None:
    """The step at which the entropy is below a threshold."""
    return next(
        (point.step for point in points if point.policy_entropy is not None and point.policy_entropy < least),
        None,
    )


def nothing(points: Sequence[Point]) -> int | None:
    """Never stops."""
    return None


BASELINES: Final[Mapping[str, Callable[[Sequence[Point]], int | None]]] = {
    **{f"patience of {wait} evaluations": partial(patience, wait=wait) for wait in PATIENCES},
    **{f"entropy below {least}": partial(low_entropy, least=least) for least in ENTROPIES},
    "nothing": nothing,
}


def all_verdicts(one: Trace) -> dict[str, Verdict]:
    """What the policy and every baseline do with a trace; of nova also the policy without the answers' diversity."""
    found = {POLICY: policy_verdict(one)}
    if one.source == NOVA:
        points = [point.model_copy(update={"answer_diversity": None}) for point in one.points]
        found[WITHOUT_DIVERSITY] = policy_verdict(replace(one, points=points))
    for name, baseline in BASELINES.items():
        step = baseline(one.points)
        found[name] = _verdict(one, step, step)
    return found


def _judge_number(number: int, suite: Suite, seed: int) -> dict[str, Verdict]:
    return all_verdicts(trace(suite, kind_of(number), number, seed))


def run(
    suite: Suite, count: int, seed: int, tell: Callable[[int], None] = lambda done: None
) -> dict[str, list[Verdict]]:
    """The verdicts by way to decide, each in the order of the traces."""
    by_name: dict[str, list[Verdict]] = {}
    with ProcessPoolExecutor() as pool:
        judged = pool.map(partial(_judge_number, suite=suite, seed=seed), range(count), chunksize=25)
        for done, verdicts in enumerate(judged, start=1):
            for name, verdict in verdicts.items():
                by_name.setdefault(name, []).append(verdict)
            tell(done)
    return by_name


def summarise(name: str, kind: str, verdicts: Sequence[Verdict]) -> Row:
    """The figures of some verdicts."""
    found = [verdict for verdict in verdicts if verdict.found_at is not None]
    delays = [_delay(verdict) for verdict in found]
    return Row(
        name,
        kind,
        len(verdicts),
        share(sum(verdict.false_stop for verdict in verdicts), len(verdicts)),
        None if kind == HEALTHY else share(len(found), len(verdicts)),
        median(delays) if delays else None,
        median(delay / verdict.total for delay, verdict in zip(delays, found, strict=True))
        if delays
        else None,
        fmean(verdict.worth for verdict in verdicts) if verdicts and kind in {*HARMFUL, ALL_HARM} else None,
    )


def _delay(verdict: Verdict) -> int:
    assert verdict.found_at is not None
    assert verdict.onset is not None
    return verdict.found_at - verdict.onset


ALL_HARM: Final = "all harm"


def rows(by_name: Mapping[str, Sequence[Verdict]]) -> list[Row]:
    """A row for each way to decide, and for the policy by source besides: healthy, all harm, then each kind."""
    return [
        summarise(name, kind, chosen)
        for name, verdicts in {**_of_policy(by_name), **by_name}.items()
        for kind in (HEALTHY, ALL_HARM, *KINDS)
        if (chosen := [each for each in verdicts if each.kind == kind or _is_harm(each, kind)])
    ]


def _of_policy(by_name: Mapping[str, Sequence[Verdict]]) -> dict[str, Sequence[Verdict]]:
    verdicts = by_name[POLICY]
    parts = {name: [each for each in verdicts if each.source == source] for source, name in SOURCES.items()}
    return {POLICY: verdicts, **parts, WITHOUT_DIVERSITY: by_name.get(WITHOUT_DIVERSITY, ())}


def _is_harm(verdict: Verdict, kind: str) -> bool:
    return kind == ALL_HARM and verdict.kind in HARMFUL


def broken_down(verdicts: Sequence[Verdict], by: str) -> list[tuple[str, Row, Row]]:
    """Healthy and harmful rows of the policy for each shape, noise or profile (`by`)."""
    values = sorted({getattr(each, by) for each in verdicts})
    return [
        (
            value,
            summarise(value, HEALTHY, [v for v in verdicts if v.kind == HEALTHY and getattr(v, by) == value]),
            summarise(
                value, ALL_HARM, [v for v in verdicts if v.kind in HARMFUL and getattr(v, by) == value]
            ),
        )
        for value in values
    ]


def document(row: Row) -> dict[str, Any]:
    """JSON of a row."""
    return {
        "way": row.name,
        "kind": row.kind,
        "traces": row.traces,
        "false_stops": row.false_stops.model_dump(),
        "found": None if row.found is None else row.found.model_dump(),
        "delay_steps": row.delay_steps,
        "delay_share": row.delay_share,
        "saved": row.saved,
    }
