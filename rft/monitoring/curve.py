"""The reward curve of a run, read back from the reward function's log lines; pure functions.

Bedrock publishes no live metrics for the nova engine, but our reward function sees every rollout, so its
lines are the curve. Retried batches are seen twice; that shifts a mean by little and is not corrected.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rft.monitoring import metrics
from rft.monitoring.histogram import BINS

DEFAULT_WINDOW: Final = 8  # batches in the rolling mean
MAX_POINTS: Final = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """One metrics line: the rollouts of one split in one call of the reward function."""

    run: str | None
    split: str
    timestamp_ms: int
    samples: int
    reward_mean: float
    zero_share: float
    errors: int
    characters_mean: float
    group_std: float | None = None
    zero_signal_share: float | None = None
    distinct_share: float | None = None
    reward_counts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Point:
    """The curve after `rollouts` samples: means weighted by samples over the last batches, errors in
    total."""

    rollouts: int
    timestamp_ms: int
    mean_reward: float
    zero_share: float
    errors: int
    mean_characters: float


def parse_line(message: str) -> Batch | None:
    """Read one log message; None when it is not one of our metrics lines."""
    start = message.find("{")
    if start < 0 or '"_aws"' not in message:
        return None
    try:
        document = json.loads(message[start:])
    except (ValueError, RecursionError):
        return None
    return _batch(document) if isinstance(document, dict) else None


def component_means(message: str) -> dict[str, float]:
    """Means of the reward's components in one of our metrics lines."""
    document = json.loads(message[message.find("{") :])
    values = {
        key: metrics.read_number(document, key) for key in document if key.startswith(metrics.COMPONENT)
    }
    return {key.removeprefix(metrics.COMPONENT): value for key, value in values.items() if value is not None}


def read_batches(messages: Iterable[str], run: str | None = None) -> list[Batch]:
    """Return the batches among log messages by time, of one run only when `run` is given."""
    found = [batch for batch in map(parse_line, messages) if batch and (run is None or batch.run == run)]
    return sorted(found, key=lambda batch: batch.timestamp_ms)


def reward_curve(
    messages: Iterable[str], run: str | None = None, window: int = DEFAULT_WINDOW
) -> dict[str, list[Point]]:
    """Return the smoothed curve of each split found in log messages, at most `MAX_POINTS` points each.

    Args:
        messages: `message` of the events of logs:FilterLogEvents, in any order.
        run: run id to keep; None keeps all.
        window: batches in the rolling mean, at least 1.
    """
    by_split: dict[str, list[Batch]] = {}
    for batch in read_batches(messages, run):
        by_split.setdefault(batch.split, []).append(batch)
    return {split: _thin(_smooth(batches, max(1, window))) for split, batches in by_split.items()}


def _smooth(batches: Sequence[Batch], window: int) -> list[Point]:
    points, rollouts, errors = [], 0, 0
    for index, batch in enumerate(batches):
        rollouts += batch.samples
        errors += batch.errors
        recent = batches[max(0, index + 1 - window) : index + 1]
        weight = sum(item.samples for item in recent)
        points.append(
            Point(
                rollouts=rollouts,
                timestamp_ms=batch.timestamp_ms,
                mean_reward=sum(item.reward_mean * item.samples for item in recent) / weight,
                zero_share=sum(item.zero_share * item.samples for item in recent) / weight,
                errors=errors,
                mean_characters=sum(item.characters_mean * item.samples for item in recent) / weight,
            )
        )
    return points


def _thin(points: list[Point]) -> list[Point]:
    """Keep evenly spaced points, the last one always."""
    if len(points) <= MAX_POINTS:
        return points
    step = (len(points) - 1) / (MAX_POINTS - 1)
    return [points[round(index * step)] for index in range(MAX_POINTS)]


def _batch(document: Mapping[str, Any]) -> Batch | None:
    samples = metrics.read_number(document, metrics.SAMPLES)
    mean = metrics.read_number(document, metrics.REWARD_MEAN)
    header = document.get("_aws")
    timestamp = header.get("Timestamp") if isinstance(header, dict) else None
    if not samples or mean is None or not isinstance(timestamp, int | float):
        return None
    run, split = document.get(metrics.RUN), document.get(metrics.SPLIT)
    return Batch(
        run=run if isinstance(run, str) else None,
        split=split if isinstance(split, str) else metrics.UNKNOWN_SPLIT,
        timestamp_ms=int(timestamp),
        samples=int(samples),
        reward_mean=mean,
        zero_share=metrics.read_number(document, metrics.REWARD_ZERO_SHARE) or 0.0,
        errors=int(metrics.read_number(document, metrics.REWARD_ERRORS) or 0),
        characters_mean=metrics.read_number(document, metrics.RESPONSE_CHARACTERS) or 0.0,
        group_std=metrics.read_number(document, metrics.GROUP_STD),
        zero_signal_share=metrics.read_number(document, metrics.REWARD_ZERO_SIGNAL_SHARE),
        distinct_share=metrics.read_number(document, metrics.DISTINCT_SHARE),
        reward_counts=_counts(document.get(metrics.REWARD_COUNTS)),
    )


def _counts(value: Any) -> tuple[int, ...]:
    usable = isinstance(value, list) and len(value) == BINS and all(isinstance(each, int) for each in value)
    return tuple(value) if usable else ()
