"""Textbook traces for tests of the stop policy: one thing happens, with a little seeded noise."""

from collections.abc import Callable
from random import Random
from typing import Any

from rft.monitoring.trace import Point

STEPS = 80
ONSET = 40


def noisy(level: float, random: Random, sigma: float = 0.01) -> float:
    return min(1.0, max(0.0, level + random.gauss(0, sigma)))


def trace(change: Callable[[dict[str, Any], float], None] | None = None, steps: int = STEPS) -> list[Point]:
    """A healthy run with all fields; `change` gets a step's values and how far after the onset it is, from 0 to 1."""
    random = Random(7)
    points = []
    for step in range(steps):
        level = 0.3 + 0.4 * step / steps
        values: dict[str, Any] = {
            "train_reward": level,
            "validation_reward": level - 0.02,
            "episode_length": 500.0 - step,
            "policy_entropy": 1.2 - 0.3 * step / steps,
            "grad_norm": 1.0,
            "zero_signal_share": 0.3,
            "answer_diversity": 0.8 - 0.3 * step / steps,
            "low_reward_share": 0.4 - 0.2 * step / steps,
            "reward_error_rate": 0.005,
            "components": {"correct": level, "format": 0.95},
            "seconds": 100.0 * step,
            "cost_usd": 1.0 * step,
        }
        if change is not None:
            change(values, min(1.0, max(0.0, (step - ONSET) / 15)))
        for name in ("train_reward", "validation_reward", "zero_signal_share", "low_reward_share"):
            values[name] = noisy(values[name], random)
        for name in ("episode_length", "policy_entropy", "grad_norm", "answer_diversity"):
            values[name] *= random.uniform(0.95, 1.05)
        points.append(Point(step=step, **values))
    return points


def without(points: list[Point], *names: str) -> list[Point]:
    """The trace without some fields."""
    return [
        Point.model_validate(point.model_dump(exclude={*names} - {"step"}, exclude_none=True))
        for point in points
    ]


def hacking(values: dict[str, Any], far: float) -> None:
    values["validation_reward"] -= 0.4 * far
    values["train_reward"] += 0.1 * far


def long_answers(values: dict[str, Any], far: float) -> None:
    values["episode_length"] *= 1 + far
    values["validation_reward"] = min(values["validation_reward"], 0.48)


def eaten_component(values: dict[str, Any], far: float) -> None:
    values["components"]["correct"] -= 0.4 * far


def loops(values: dict[str, Any], far: float) -> None:
    values["episode_length"] *= 3 if far else 1


def collapse(values: dict[str, Any], far: float) -> None:
    values["policy_entropy"] *= 1 - 0.97 * far
    values["train_reward"] = min(values["train_reward"], 0.5)


def one_answer(values: dict[str, Any], far: float) -> None:
    values["answer_diversity"] *= 1 - 0.97 * far
    values["train_reward"] = min(values["train_reward"], 0.5)


def ignored_reward(values: dict[str, Any], far: float) -> None:
    values["policy_entropy"] = 1.3
    values["train_reward"] = 0.3


def exploding(values: dict[str, Any], far: float) -> None:
    values["grad_norm"] *= 1 + 9 * far


def falling(values: dict[str, Any], far: float) -> None:
    values["train_reward"] -= 0.4 * far


def falling_validation(values: dict[str, Any], far: float) -> None:
    values["validation_reward"] -= 0.3 * far


def wasted_prompts(values: dict[str, Any], far: float) -> None:
    values["zero_signal_share"] += 0.5 * far


def drift(values: dict[str, Any], far: float) -> None:
    values["low_reward_share"] += 0.5 * far


def broken(values: dict[str, Any], far: float) -> None:
    values["reward_error_rate"] = 0.6 if far else 0.0


def hopeless(values: dict[str, Any], far: float) -> None:
    values["train_reward"] = 0.05


def saturated(values: dict[str, Any], far: float) -> None:
    values["validation_reward"] = min(values["validation_reward"], 0.45)


def swinging(name: str) -> Callable[[dict[str, Any], float], None]:
    def change(values: dict[str, Any], far: float) -> None:
        if far:
            step = round(values["seconds"] / 100)
            values[name] += 0.2 if step // 4 % 2 else -0.2

    return change
