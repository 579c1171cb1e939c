"""Made-up traces of training jobs with what is true of them: healthy, or with one fault from a known step on.

Two sets share no seed. The thresholds of the stop policy were tuned on `TUNING`; `PUBLISHED` adds shapes, noises and
short runs. What of it was seen before, docs/STOP_POLICY.md says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp
from random import Random
from typing import Any, Final

from rft.benchmarks.trace_faults import HARMFUL, NEEDS, WARN_ONLY, Curves
from rft.benchmarks.trace_shapes import (
    NOISES,
    PROFILES,
    SHAPES,
    TUNING_NOISES,
    TUNING_SHAPES,
    Noise,
    Profile,
    rises,
)
from rft.monitoring.trace import Point

HEALTHY: Final = "healthy"
KINDS: Final = (*HARMFUL, *WARN_ONLY)
COLLAPSE: Final = "entropy collapse"
SHORT_ANSWERS: Final = 0.15  # of the runs


@dataclass(frozen=True, slots=True)
class Suite:
    """What traces of a set may look like."""

    name: str
    shapes: Sequence[str]
    noises: Sequence[Noise]
    shortest: int
    longest: int


TUNING: Final = Suite("tuning", TUNING_SHAPES, TUNING_NOISES, 60, 150)
PUBLISHED: Final = Suite("published", SHAPES, NOISES, 25, 200)


@dataclass(frozen=True, slots=True)
class Trace:
    """A trace and its truth; `onset` is the step at which the fault begins, None for a healthy one."""

    name: str
    kind: str
    onset: int | None
    shape: str
    noise: str
    profile: str
    source: str
    points: Sequence[Point]


def traces(suite: Suite, count: int, seed: int) -> Iterator[Trace]:
    """So many traces, the same for the same seed; every second one is healthy, the others have the faults in turn."""
    return (trace(suite, kind_of(number), number, seed) for number in range(count))


def kind_of(number: int) -> str:
    """The kind of a suite's trace by its number from 0."""
    return HEALTHY if number % 2 == 0 else KINDS[number // 2 % len(KINDS)]


def trace(suite: Suite, kind: str, number: int, seed: int) -> Trace:
    """One trace of a kind."""
    random = Random(f"{suite.name}/{seed}/{number}/{kind}")
    shape, noise = random.choice(suite.shapes), random.choice(suite.noises)
    profile = random.choice([each for each in PROFILES if kind == HEALTHY or _shows(each, kind)])
    total = random.randint(suite.shortest, suite.longest)
    only_answers = kind == COLLAPSE and "policy_entropy" not in profile.fields
    curves = healthy(shape, total, random, short_answers=not only_answers and random.random() < SHORT_ANSWERS)
    onset = None
    if kind != HEALTHY:
        onset = round(random.uniform(0.3, 0.65) * total)
        {**HARMFUL, **WARN_ONLY}[kind](curves, onset, random)
    points = list(_points(curves, profile, noise, random))
    first = points[0].step
    return Trace(
        f"{kind.replace(' ', '-')}-{number:05}",
        kind,
        None if onset is None else onset + first,
        shape,
        noise.name,
        profile.name,
        profile.source,
        points,
    )


def _shows(profile: Profile, kind: str) -> bool:
    return any(needed <= profile.shown for needed in NEEDS[kind])


def healthy(shape: str, total: int, random: Random, *, short_answers: bool = False) -> Curves:
    """The curves of a run that learns; the shape is one of `SHAPES`.

    Args:
        short_answers: whether answers are a label or a number, so that many are equal from the start.
    """
    good = shape == "already-good"
    start = random.uniform(0.75, 0.85) if good else random.uniform(0.15, 0.5)
    gain = random.uniform(0.05, 0.12) if good else random.uniform(0.2, 0.45)
    curve, gap = rises(shape, random), random.uniform(0.0, 0.06)
    progress = [at / max(1, total - 1) for at in range(total)]
    learnt = [curve(each) for each in progress]
    train = [start + gain * each for each in learnt]
    validation = [start + gain * 0.92 * each - gap * each for each in learnt]
    high, low = random.uniform(0.9, 1.5), random.uniform(0.3, 0.85)
    fall, drift = random.uniform(2, 6), random.uniform(-0.35, 0.3)
    length, gradient = random.uniform(200, 1200), random.uniform(0.2, 2.0)
    zero, time = random.uniform(0.15, 0.35), random.uniform(40, 400)
    return Curves(
        train=train,
        validation=validation,
        length=[length * (1 + drift * each) for each in progress],
        entropy=[low + (high - low) * exp(-fall * each) for each in progress],
        gradient=[gradient * (1 - 0.3 * each) for each in progress],
        zero_signal=[zero + 0.35 * (each - start) for each in train],
        diversity=_diversity(progress, train, random, short_answers),
        low_reward=[0.5 - 0.4 * gain * each / 0.45 for each in learnt],
        errors=[random.uniform(0, 0.02)] * total,
        seconds=[time * random.lognormvariate(0, 0.2) * (2 if at % 10 == 9 else 1) for at in range(total)],
        components={
            "correct": list(train),
            "format": [0.98 - 0.3 * exp(-6 * each) for each in progress],
        },
    )


def _diversity(
    progress: Sequence[float], train: Sequence[float], random: Random, short_answers: bool
) -> list[float]:
    """The share of distinct answers: it drifts down by up to a half, further where nearly all is answered right."""
    start = random.uniform(0.08, 0.3) if short_answers else random.uniform(0.5, 1.0)
    lost, bend = random.uniform(0.0, 0.5), random.uniform(0.5, 2.0)
    agree = random.uniform(0.5, 1.0) if random.random() < 0.3 else 0.0
    return [
        start * (1 - lost * at**bend) * (1 - agree * min(1.0, max(0.0, (reward - 0.85) / 0.1)))
        for at, reward in zip(progress, train, strict=True)
    ]


def _points(curves: Curves, profile: Profile, noise: Noise, random: Random) -> Iterator[Point]:
    first, lost = random.choice((0, 1)), random.choice((0.0, 0.0, 0.05, 0.1))
    rate, apart = random.uniform(0.5, 4.0) / 3600, random.uniform(0.01, 0.05)
    shaken = {name: noise.draw(curves.total, random) for name in ("train", "validation", "correct", "low")}
    seconds = 0.0
    for at in range(curves.total):
        seconds += curves.seconds[at]
        values: dict[str, Any] = {
            "total_steps": curves.total,
            "train_reward": _share(curves.train[at] + shaken["train"][at]),
            "episode_length": curves.length[at] * random.lognormvariate(0, 0.04),
            "policy_entropy": max(0.0, curves.entropy[at] * random.lognormvariate(0, 0.04)),
            "grad_norm": curves.gradient[at] * random.lognormvariate(0, 0.25) * _rare_spike(random),
            "policy_loss": random.gauss(0, 0.02),
            "zero_signal_share": _share(curves.zero_signal[at] + random.gauss(0, 0.04)),
            "answer_diversity": _share(curves.diversity[at] + random.gauss(0, apart)),
            "low_reward_share": _share(curves.low_reward[at] + shaken["low"][at]),
            "reward_error_rate": _share(
                curves.errors[at] + abs(random.gauss(0, 0.01)) + (0.3 if random.random() < 0.005 else 0.0)
            ),
            "components": {
                "correct": _share(curves.components["correct"][at] + shaken["correct"][at]),
                "format": _share(curves.components["format"][at] + random.gauss(0, 0.005)),
            },
            "seconds": seconds,
            "cost_usd": seconds * rate,
            "tokens": seconds * 1000,
        }
        kept = {name: each for name, each in values.items() if name in profile.fields}
        for name in list(kept):
            if name not in {"seconds", "cost_usd", "total_steps"} and random.random() < lost:
                del kept[name]
        if profile.every is not None and at % profile.every == 0:
            kept["validation_reward"] = _share(curves.validation[at] + shaken["validation"][at])
        yield Point(step=first + at, **kept)


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _rare_spike(random: Random) -> float:
    return random.uniform(3, 8) if random.random() < 0.01 else 1.0
