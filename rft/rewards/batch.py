"""Scores a batch as Bedrock sends it: one bad sample costs itself its score, never the batch.

Python cannot end a thread. With a time budget, a sample that does not return is abandoned in its thread and
the rest goes on in a new one; one that holds the interpreter itself (a catastrophic regular expression) still
ends in the function's timeout, so rewards must use linear patterns.
"""

import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rft.rewards.contract import Sample, Score, parse_sample

RewardFunction = Callable[[Sample], Score | float]
ERROR_METRIC: Final = "reward_error"
MAX_SAMPLE_SHARE: Final = 0.25  # of the batch's budget: one hanging sample leaves time for the others
_OUT_OF_TIME: Final = "TimeBudgetExceeded"


@dataclass(frozen=True, slots=True)
class Scored:
    """One sample's outcome. `error` is the name of the failure's class, or None; it never holds sample
    text."""

    id: Any
    value: float
    components: Mapping[str, float]
    sample: Sample | None = None
    error: str | None = None


def score_batch(
    event: Any, reward: RewardFunction, *, floor: float = 0.0, seconds: float | None = None
) -> list[dict[str, Any]]:
    """Return Bedrock's answer to a batch: one object per sample, same order, same ids of the same type.

    Args:
        event: the JSON list that Bedrock sends.
        reward: the use case's reward function.
        floor: in [0, 1], the score of a sample whose reward failed.
        seconds: time for the whole batch; samples not scored by then get the floor. None means no limit.

    Raises:
        ValueError: when the event is not a list; nothing else.
    """
    return [to_wire(item) for item in score_samples(event, reward, floor=floor, seconds=seconds)]


def score_samples(
    event: Any, reward: RewardFunction, *, floor: float = 0.0, seconds: float | None = None
) -> list[Scored]:
    """Like `score_batch`, with what metrics need."""
    if not isinstance(event, list):
        raise ValueError(f"the event must be a JSON list of samples, not {type(event).__name__}")
    if seconds is None:
        return [_score(item, reward, floor) for item in event]
    return list(_within(event, reward, floor, seconds))


def to_wire(item: Scored) -> dict[str, Any]:
    """Return the object that Bedrock reads."""
    metrics = [{"name": name, "value": value, "type": "Reward"} for name, value in item.components.items()]
    if item.error:
        metrics.append({"name": ERROR_METRIC, "value": 1.0, "type": "Metric"})
    return {"id": item.id, "aggregate_reward_score": item.value, "metrics_list": metrics}


def _score(item: Any, reward: RewardFunction, floor: float) -> Scored:
    identity = item.get("id") if isinstance(item, Mapping) else None
    sample: Sample | None = None
    try:
        sample = parse_sample(item)
        given = reward(sample)
        score = given if isinstance(given, Score) else Score(_number(given))
        value = _number(score.value)
        components = {str(name): _clamp(_number(part)) for name, part in score.components.items()}
    except (Exception, SystemExit) as error:  # noqa: BLE001 a use case may raise anything
        return Scored(identity, floor, {}, sample, type(error).__name__)
    return Scored(identity, _clamp(value), components, sample)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ArithmeticError("a reward is not a finite number")
    return float(value)


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))


def _within(event: list[Any], reward: RewardFunction, floor: float, seconds: float) -> Iterator[Scored]:
    deadline = time.monotonic() + seconds
    position = 0
    worker: _Worker | None = None
    while position < len(event):
        left = deadline - time.monotonic()
        if left > 0:
            worker = worker or _Worker(event[position:], reward, floor)
            try:
                yield worker.results.get(timeout=min(left, seconds * MAX_SAMPLE_SHARE))
                position += 1
                continue
            except queue.Empty:
                worker.abandon()
                worker = None
        yield _floored(event[position], floor)
        position += 1
    if worker:
        worker.abandon()


def _floored(item: Any, floor: float) -> Scored:
    try:
        sample = parse_sample(item)
    except ValueError:
        sample = None
    return Scored(item.get("id") if isinstance(item, Mapping) else None, floor, {}, sample, _OUT_OF_TIME)


class _Worker:
    """Scores samples in order in a thread of its own until it is abandoned."""

    def __init__(self, items: list[Any], reward: RewardFunction, floor: float) -> None:
        self.results: queue.SimpleQueue[Scored] = queue.SimpleQueue()
        self._abandoned = False
        self._work = (items, reward, floor)
        threading.Thread(target=self._run, daemon=True).start()

    def abandon(self) -> None:
        self._abandoned = True

    def _run(self) -> None:
        items, reward, floor = self._work
        for item in items:
            if self._abandoned:
                return
            self.results.put(_score(item, reward, floor))
