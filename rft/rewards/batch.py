"""Scores a batch as Bedrock sends it: one bad sample costs itself its score, never the batch.

Ids are answered as they came, in order, with their type, twice when they came twice.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from rft.rewards.contract import Sample, Score, parse_sample
from rft.rewards.crew import Crew

RewardFunction = Callable[[Sample], Score | float]
ERROR_METRIC: Final = "reward_error"
MAX_COMPONENTS: Final = 32  # of a sample, and characters of their names: the answer must fit Lambda's 6 MB
MAX_NAME_CHARACTERS: Final = 64
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
    event: Any,
    reward: RewardFunction,
    *,
    floor: float = 0.0,
    seconds: float | None = None,
    concurrency: int = 1,
) -> list[dict[str, Any]]:
    """Return Bedrock's answer to a batch: one object per sample, same order, same ids of the same type.

    Args:
        event: the JSON list that Bedrock sends.
        reward: the use case's reward function.
        floor: in [0, 1], the score of a sample whose reward failed.
        seconds: time for the whole batch; samples not scored by then get the floor. None means no limit.
        concurrency: samples scored at once, at least 1; above 1 helps rewards that wait for a judge or an executor.

    Raises:
        ValueError: when the event is not a list; nothing else.
    """
    scored = score_samples(event, reward, floor=floor, seconds=seconds, concurrency=concurrency)
    return [to_wire(item) for item in scored]


def score_samples(
    event: Any,
    reward: RewardFunction,
    *,
    floor: float = 0.0,
    seconds: float | None = None,
    concurrency: int = 1,
) -> list[Scored]:
    """Like `score_batch`, with what metrics need."""
    if not isinstance(event, list):
        raise ValueError(f"the event must be a JSON list of samples, not {type(event).__name__}")
    if seconds is None and concurrency == 1:
        return [_score(item, reward, floor) for item in event]
    whole = math.inf if seconds is None else seconds
    crew: Crew[Any, Scored] = Crew(event, lambda item: _score_apart(item, reward, floor), concurrency)
    return crew.results(whole, whole * MAX_SAMPLE_SHARE, lambda item: _floored(item, floor))


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
        components = {
            str(name)[:MAX_NAME_CHARACTERS]: _clamp(_number(part))
            for name, part in islice(score.components.items(), MAX_COMPONENTS)
        }
    except (Exception, SystemExit) as error:  # noqa: BLE001 a use case may raise anything
        return Scored(identity, floor, {}, sample, type(error).__name__)
    return Scored(identity, _clamp(value), components, sample)


def _score_apart(item: Any, reward: RewardFunction, floor: float) -> Scored:
    """Like `_score` in a thread of its own, where nothing that a reward raises is meant for the process."""
    try:
        return _score(item, reward, floor)
    except BaseException as error:  # noqa: BLE001 KeyboardInterrupt too: the real one goes to the main thread
        identity = item.get("id") if isinstance(item, Mapping) else None
        return Scored(identity, floor, {}, None, type(error).__name__)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ArithmeticError("a reward is not a finite number")
    return float(value)


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))


def _floored(item: Any, floor: float) -> Scored:
    try:
        sample = parse_sample(item)
    except ValueError:
        sample = None
    return Scored(item.get("id") if isinstance(item, Mapping) else None, floor, {}, sample, _OUT_OF_TIME)
