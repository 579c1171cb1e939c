"""Rewards that swing up and down."""

from collections.abc import Sequence
from itertools import pairwise
from math import fsum, sqrt
from statistics import fmean, linear_regression
from typing import Final

from rft.monitoring.policy.model import Limits, Reason
from rft.monitoring.policy.series import MIN_VALUES, View, noise

TRAIN: Final = "reward_oscillation"
VALIDATION: Final = "validation_oscillation"
SWINGS: Final = 3
LATEST: Final = 40
LEAST_SWING: Final = 0.1
SWING_SIGMAS: Final = 3.5
ALONG_VALUES: Final = 6
ALONG_T: Final = 4.0
ALONG_SLOPE: Final = 0.4
_AWS: Final = "AWS, Best practices for reinforcement fine-tuning on Amazon Bedrock (2026-04-08)"


def reward_oscillation(view: View, limits: Limits) -> Reason | None:
    """The training reward swings.

    Statistic: changes of direction of the mean of 2 neighbours, each a swing of at least 0.1 and 3.5 sigmas of noise,
    among the latest 40 values. Threshold: 3. Minimum evidence: 12 values.
    Source: AWS best practices, "lower the learning rate if the reward oscillates".
    """
    return _swings(view, "train_reward", TRAIN, "training")


def validation_oscillation(view: View, limits: Limits) -> Reason | None:
    """The validation reward swings, alone or with the training reward.

    Statistic: turns as for the training reward; or, where that has turned so often, Student's t of the validation
    reward's slope on it over the latest 40 steps, each without its trend. Threshold: 3 turns; or a t of 4, and a slope
    of 0.4. Minimum evidence: 12 values; or 6 at steps whose training reward is known.
    Source: AWS best practices, "lower the learning rate if the reward oscillates".
    """
    alone = _swings(view, "validation_reward", VALIDATION, "validation")
    return _swings_along(view) if alone is None else alone


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
        told,
        "harm",
        {"turns": float(turns), "swing": least, "highest": max(values), "lowest": min(values)},
    )


def _swings_along(view: View) -> Reason | None:
    """Validation that follows a swinging training reward: few evaluations can show this."""
    train, validation = view.series("train_reward"), view.series("validation_reward")
    if _swings(view, "train_reward", TRAIN, "training") is None:
        return None
    known = dict(zip(train.steps[-LATEST:], train.values[-LATEST:], strict=True))
    pairs = [
        (step, known[step], value)
        for step, value in zip(validation.steps, validation.values, strict=True)
        if step in known
    ]
    if len(pairs) < ALONG_VALUES:
        return None
    steps, trained, validated = zip(*pairs, strict=True)
    along, followed = _without_trend(steps, trained), _without_trend(steps, validated)
    square = fsum(each * each for each in along)
    if square <= 0:
        return None
    slope = fsum(each * other for each, other in zip(along, followed, strict=True)) / square
    rest = fsum((other - slope * each) ** 2 for each, other in zip(along, followed, strict=True))
    t = slope / max(1e-9, sqrt(rest / (len(pairs) - 3) / square))
    if t < ALONG_T or slope < ALONG_SLOPE:
        return None
    return Reason(
        VALIDATION,
        t,
        ALONG_T,
        f"the validation reward swings with the training reward, by {slope:.2f} of it",
        _AWS,
        "validation",
        "harm",
        {"slope": slope, "evaluations": float(len(pairs))},
    )


def _without_trend(steps: Sequence[int], values: Sequence[float]) -> list[float]:
    """What is left of values at two steps or more when their straight line is taken away."""
    slope, start = linear_regression(steps, values)
    return [value - start - slope * step for step, value in zip(steps, values, strict=True)]


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
