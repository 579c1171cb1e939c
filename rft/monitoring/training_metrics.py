"""Reads the metrics files that a finished job leaves, by header: AWS documents no columns for reinforcement.

Paths [ug model-customization-analyze]; third parties report one more folder for validation, so names are
matched by their end.
"""

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

TRAINING_FILE: Final = "step_wise_training_metrics.csv"
VALIDATION_FILE: Final = "validation_metrics.csv"
_STEP: Final = ("step_number", "step")
_REWARD: Final = (
    "critic/rewards/mean",
    "critic_rewards_mean",
    "reward",
    "val-score/rewards/mean@1",
    "validation_reward",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One row: the reward and every other number, by column name. `reward` is None without such a column."""

    step: int
    reward: float | None
    values: dict[str, float]


def read_steps(lines: Iterable[str]) -> list[Step]:
    """Rows of a metrics file; a missing step number is the row's place, other cells without numbers go."""
    return [_step(row, position) for position, row in enumerate(csv.DictReader(lines), start=1)]


def _step(row: dict[str, str], position: int) -> Step:
    values = dict(_numbers(row))
    number = next((values[name] for name in _STEP if name in values), position)
    return Step(int(number), next((values[name] for name in _REWARD if name in values), None), values)


def _numbers(row: dict[str, str]) -> Iterator[tuple[str, float]]:
    for name, text in row.items():
        try:
            value = float(text)
        except (TypeError, ValueError):
            continue
        if math.isfinite(value):
            yield name, value
