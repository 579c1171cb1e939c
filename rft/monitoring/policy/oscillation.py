"""Rewards that swing up and down."""

from itertools import pairwise
from statistics import fmean
from typing import Final

from rft.monitoring.policy.model import Limits, Reason
from rft.monitoring.policy.series import MIN_VALUES, View, noise

TRAIN: Final = "reward_oscillation"
VALIDATION: Final = "validation_oscillation"
SWINGS: Final = 3
LATEST: Final = 40
LEAST_SWING: Final = 0.1
SWING_SIGMAS: Final = 3.5
_AWS: Final = "AWS, Best practices for reinforcement fine-tuning on Amazon Bedrock (2026-04-08)"


def reward_oscillation(view: View, limits: Limits) -> Reason | None:
    """The training reward swings.

    Statistic: changes of direction of the mean of 2 neighbours, each a swing of at least 0.1 and 3.5 sigmas of noise,
    among the latest 40 values. Threshold: 3. Minimum evidence: 12 values.
    Source: AWS best practices, "lower the learning rate if the reward oscillates".
    """
    return _swings(view, "train_reward", TRAIN, "training")


def validation_oscillation(view: View, limits: Limits) -> Reason | None:
    """The validation reward swings.

    Statistic: turns as for the training reward. Threshold: 3. Minimum evidence: 12 values.
    Source: AWS best practices, "lower the learning rate if the reward oscillates".
    """
    return _swings(view, "validation_reward", VALIDATION, "validation")


def _swings(view: View, name: str, detector: str, told: str) -> Reason | None:
    known = view.series(name).values
    if len(known) < 2 * MIN_VALUES:
        return None
    values = known[-LATEST:]
    # Swings are noise to an estimate from differences, so the calmer of now and the first third counts.
    calm = min(noise(values, 0.005), noise(known[: max(2 * MIN_VALUES, len(known) // 3)], 0.005))
    least = max(LEAST_SWING, SWING_SIGMAS * calm)
    smooth = [fmean(pair) for pair in pairwise(values)]
    turns = reversals(smooth, least)
    if turns < SWINGS:
        return None
    return Reason(
        detector,
        float(turns),
        float(SWINGS),
        f"the {told} reward turned {turns} times by {least:.2f} or more; a lower learning rate may help",
        _AWS,
        "oscillation" if name == "train_reward" else "validation",
        "harm",
        {"turns": float(turns), "swing": least, "highest": max(values), "lowest": min(values)},
    )


def reversals(values: list[float], least: float) -> int:
    """Changes of direction between extremes that lie at least `least` apart."""
    turns, direction, high, low = 0, 0, values[0], values[0]
    for value in values:
        high, low = max(high, value), min(low, value)
        if direction >= 0 and high - value >= least:
            turns += direction > 0
            direction, low = -1, value
            high = value
        elif direction <= 0 and value - low >= least:
            turns += direction < 0
            direction, high = 1, value
            low = value
    return turns
