"""How healthy a training looks, as the few numbers that alarms compare; pure functions of its points.

The stop policy decides with more care what to do about a job; these only wake somebody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean
from typing import Final

from rft.monitoring.policy.signal import CEILING
from rft.monitoring.trace import Point

RECENT: Final = 3  # points that make the present value
LEVEL: Final = 12  # points before them that make the recent level
BEST: Final = 3  # neighbouring validation rewards that make the best level
LATEST: Final = 2  # validation rewards that make the present level
CHANCE: Final = 2.5  # standard errors, which the best of many means takes up in part


@dataclass(frozen=True, slots=True)
class Health:
    """None is unknown. `reward_drop` is the share of its recent level that the mean training reward has lost,
    `validation_drop` by how much more than chance the last two validation rewards lie below the best three neighbours;
    both are 0 for a gain.
    `zero_signal_share` is the mean of the recent points, and `signal_lost` the same while there is something left to
    learn, else 0; `reward_error_share` is the worst of the recent points, `policy_entropy` (nats) the last known.
    """

    reward_drop: float | None = None
    validation_drop: float | None = None
    zero_signal_share: float | None = None
    signal_lost: float | None = None
    reward_error_share: float | None = None
    policy_entropy: float | None = None


def health(points: Sequence[Point], validation_prompts: int | None = None) -> Health:
    """The state of a training after its last point; each validation reward is a mean over so many prompts."""
    train = [point.train_reward for point in points if point.train_reward is not None]
    validation = [point.validation_reward for point in points if point.validation_reward is not None]
    silent = [point.zero_signal_share for point in points if point.zero_signal_share is not None]
    failed = [point.reward_error_rate for point in points if point.reward_error_rate is not None]
    entropy = [point.policy_entropy for point in points if point.policy_entropy is not None]
    without_signal = fmean(silent[-RECENT:]) if silent else None
    learnt = bool(train) and fmean(train[-LEVEL:]) >= CEILING
    return Health(
        reward_drop=_drop(train),
        validation_drop=_validation_drop(validation, validation_prompts),
        zero_signal_share=without_signal,
        signal_lost=0.0 if learnt and without_signal is not None else without_signal,
        reward_error_share=max(failed[-RECENT:], default=None),
        policy_entropy=entropy[-1] if entropy else None,
    )


def _drop(rewards: Sequence[float]) -> float | None:
    before = rewards[:-RECENT][-LEVEL:]
    if len(before) < RECENT:
        return None
    level = fmean(sorted(before)[len(before) // 2 :])  # of the better half, which one bad point does not move
    return max(0.0, (level - fmean(rewards[-RECENT:])) / level) if level > 0 else None


def _validation_drop(rewards: Sequence[float], prompts: int | None) -> float | None:
    """The drop less `CHANCE` standard errors; the variance of rewards in [0, 1] is at most p (1 - p)."""
    if len(rewards) < BEST + LATEST:
        return None
    best = max(fmean(rewards[at : at + BEST]) for at in range(len(rewards) - BEST + 1))
    level = min(1.0, max(0.0, best))
    error = sqrt(level * (1 - level) / prompts * (1 / BEST + 1 / LATEST)) if prompts else 0.0
    return max(0.0, best - fmean(rewards[-LATEST:]) - CHANCE * error)
