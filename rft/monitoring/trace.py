"""One schema for the curves of a training job, whatever engine trained it: a point a step, one JSON object a line."""

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from rft.errors import BadTrace


class Point(BaseModel):
    """What is known of one step; everything but the step may be missing.

    Rewards, shares and rates lie in [0, 1]; `episode_length` is the mean answer in tokens, `policy_entropy` in nats,
    `cost_usd` and `tokens` count from the job's begin, `seconds` since it. `answer_diversity` is 0 when all answers to
    a prompt are the same and 1 when no two are (`rft.monitoring.diversity`). `low_reward_share` is of answers below the
    base model's mean reward on the validation or probe prompts. `components` are means of the reward's parts.
    `inferred` says that the step's borders were inferred from the reward function's log, because the engine tells none.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    step: int = Field(ge=0)
    total_steps: int | None = Field(default=None, ge=1)
    train_reward: float | None = None
    validation_reward: float | None = None
    episode_length: float | None = None
    policy_entropy: float | None = None
    grad_norm: float | None = None
    policy_loss: float | None = None
    zero_signal_share: float | None = None
    answer_diversity: float | None = None
    low_reward_share: float | None = None
    reward_error_rate: float | None = None
    components: dict[str, float] = Field(default_factory=dict)
    tokens: float | None = None
    cost_usd: float | None = None
    seconds: float | None = None
    inferred: bool = False

    @field_validator("components", mode="before")
    @classmethod
    def _unknown_parts_are_missing(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: part for name, part in value.items() if not _is_missing(part)}
        return {} if value is None else value

    @field_validator("*", mode="before")
    @classmethod
    def _not_a_number_is_missing(cls, value: Any) -> Any:
        return None if _is_missing(value) else value


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def read_trace(lines: Iterable[str], name: str = "trace") -> list[Point]:
    """The points of a JSON Lines trace, by step; a later point of a step replaces an earlier one.

    Raises:
        BadTrace: when a line is no JSON object or a field has the wrong type.
    """
    found: dict[int, Point] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            point = _point(line, f"{name}:{number}")
            found[point.step] = point
    return [found[step] for step in sorted(found)]


def write_trace(points: Iterable[Point]) -> Iterator[str]:
    """The lines of a trace, without the fields that are missing."""
    for point in points:
        yield (
            json.dumps(point.model_dump(exclude_none=True, exclude_defaults=True) | {"step": point.step})
            + "\n"
        )


def _point(line: str, place: str) -> Point:
    try:
        return Point.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "the line"
        raise BadTrace(
            f"{place}: {field}: {first['msg']}; want one JSON object a line with an integer step"
        ) from None
