"""Samples a second and time a sample of reward functions, on one core, in this process."""

import gc
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any, Final

from rft.rewards.batch import RewardFunction, score_batch
from rft.rewards.contract import Sample, Score, parse_sample

ROUNDS: Final = 5
WARM_UP: Final = 50  # samples before the clock starts: imports and compiled patterns are not the steady state
_NEARLY_ONE: Final = 1 - 1e-9


ROUND_SECONDS: Final = 2.0  # of one pass over the samples, where their number is left to `affordable`
_TRIED: Final = 5


@dataclass(frozen=True, slots=True)
class Grader:
    """A reward function and how many answers it grades in a round."""

    reward: RewardFunction
    samples: int


@dataclass(frozen=True, slots=True)
class Speed:
    """Samples a second of the function alone and of the batch path from JSON values to JSON values, times of single
    calls in milliseconds, and the share of answers that scored 1.

    Rates are of the best of `ROUNDS` rounds: what makes another round slower is what else the machine does.
    """

    samples: int
    samples_per_second: float
    batch_samples_per_second: float
    p50_ms: float
    p99_ms: float
    full_marks: float


@dataclass(slots=True)
class _Times:
    alone: list[float] = field(default_factory=list)
    in_batch: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    full_marks: float = 0.0


def measure(
    graders: Mapping[str, Grader],
    events: Sequence[dict[str, Any]],
    tell: Callable[[str], None] = lambda name: None,
) -> dict[str, Speed]:
    """Let every grader grade its number of answers, cycling through `events`, in each of `ROUNDS` rounds.

    The graders take turns, so that what else the machine does slows all of them, and every round reads its samples
    anew from JSON, so that no hash or text is shared with the round before. `tell` hears whose turn it is.

    Raises:
        ValueError: when there are no events, or a grader is to grade none.
    """
    if not events or any(grader.samples < 1 for grader in graders.values()):
        raise ValueError("there must be at least one sample to grade")
    times = {name: _Times() for name in graders}
    for _ in range(ROUNDS):
        for name, grader in graders.items():
            tell(name)
            _round(grader, events, times[name])
    return {name: _speed(grader.samples, times[name]) for name, grader in graders.items()}


def affordable(reward: RewardFunction, events: Sequence[dict[str, Any]], most: int) -> int:
    """Return how many samples a reward grades in about `ROUND_SECONDS`, from `_TRIED` to `most`."""
    samples = [parse_sample(event) for event in islice(cycle(events), 2 * _TRIED)]
    for sample in samples[:_TRIED]:  # the first calls import and start processes
        reward(sample)
    began = time.perf_counter()
    for sample in samples[_TRIED:]:
        reward(sample)
    each = (time.perf_counter() - began) / _TRIED
    return max(_TRIED, min(most, int(ROUND_SECONDS / each)))


def _round(grader: Grader, events: Sequence[dict[str, Any]], times: _Times) -> None:
    batch = json.loads(json.dumps(list(islice(cycle(events), grader.samples))))
    samples = [parse_sample(event) for event in batch]
    gc.freeze()  # a batch of Bedrock is small; the collector must not walk through this one's again and again
    try:
        _timed(grader.reward, batch, samples, times)
    finally:
        gc.unfreeze()


def _timed(reward: RewardFunction, batch: list[dict[str, Any]], samples: list[Sample], times: _Times) -> None:
    for sample in samples[:WARM_UP]:
        reward(sample)
    began = time.perf_counter()
    for sample in samples:
        reward(sample)
    times.alone.append(time.perf_counter() - began)
    began = time.perf_counter()
    score_batch(batch, reward)
    times.in_batch.append(time.perf_counter() - began)
    full = 0
    for sample in samples:
        start = time.perf_counter_ns()
        score = reward(sample)
        times.calls.append(time.perf_counter_ns() - start)
        full += (score.value if isinstance(score, Score) else score) >= _NEARLY_ONE
    times.full_marks = full / len(samples)


def _speed(samples: int, times: _Times) -> Speed:
    calls = sorted(times.calls)
    return Speed(
        samples=samples,
        samples_per_second=samples / min(times.alone),
        batch_samples_per_second=samples / min(times.in_batch),
        p50_ms=calls[len(calls) // 2] / 1e6,
        p99_ms=calls[len(calls) * 99 // 100] / 1e6,
        full_marks=times.full_marks,
    )
