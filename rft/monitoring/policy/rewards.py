"""Rewards that fall, or never rise."""

from statistics import fmean, median
from typing import Final

from rft.monitoring.policy.model import TRAINING, VALIDATION, Limits, Reason
from rft.monitoring.policy.series import ALARM, CORROBORATES, View, noise, theil_sen

REWARD_FALL: Final = "reward_fall"
VALIDATION_FALL: Final = "validation_fall"
FLAT_REWARD: Final = "flat_reward"
LEAST_FALL: Final = 0.05
FLAT_LEVEL: Final = 0.15
FLAT_POINTS: Final = 20
_AWS: Final = "AWS, Best practices for reinforcement fine-tuning on Amazon Bedrock (2026-04-08)"
_PAGE: Final = "Page 1954, Continuous inspection schemes"


def reward_fall(view: View, limits: Limits) -> Reason | None:
    """Training reward below its best level.

    Statistic: CUSUM of the fall in noise sigmas. Threshold: 5, and 0.05 of reward. Minimum evidence: 6 values.
    Source: Page 1954; AWS best practices, "lower the learning rate if the reward collapses".
    """
    return _fall(view, "train_reward", REWARD_FALL, TRAINING)


def validation_fall(view: View, limits: Limits) -> Reason | None:
    """Validation reward below its best level.

    Statistic: CUSUM of the fall in noise sigmas. Threshold: 5, or 3 while the training reward's is 5; and 0.05 of
    reward. Minimum evidence: 6 values. Source: Page 1954; Prechelt 1998, "Early stopping - but when?".
    """
    whole = view.fall("train_reward", LEAST_FALL)
    threshold = CORROBORATES if whole is not None and whole.is_harm else ALARM
    return _fall(view, "validation_reward", VALIDATION_FALL, VALIDATION, threshold)


def _fall(view: View, name: str, detector: str, told: str, threshold: float = ALARM) -> Reason | None:
    found = view.fall(name, LEAST_FALL)
    if found is None or found.score < threshold:
        return None
    return Reason(
        detector,
        found.score,
        threshold,
        f"the {told} reward fell from {found.best:.3f} (step {found.best_step}) to {found.now:.3f}",
        _PAGE,
        told,
        "harm",
        {"best": found.best, "now": found.now, "best_step": found.best_step, "noise": found.noise},
        lasting=found.lasting,
    )


def flat_reward(view: View, limits: Limits) -> Reason | None:
    """Training reward flat below 0.15: there is nothing to learn from.

    Statistic: median of the last 20 values. Threshold: 0.15, with a rise over them below two sigmas of noise or 0.03.
    Minimum evidence: 20 values. Source: AWS user guide and best practices, "rewards plateau below 0.15".
    """
    values = view.series("train_reward").values
    if len(values) < FLAT_POINTS:
        return None
    recent = values[-FLAT_POINTS:]
    level = median(recent)
    if level >= FLAT_LEVEL or fmean(recent[-5:]) >= FLAT_LEVEL:
        return None
    gain = theil_sen(recent) * FLAT_POINTS
    if gain > max(0.03, 2 * noise(recent, 0.002)):
        return None
    return Reason(
        FLAT_REWARD,
        level,
        FLAT_LEVEL,
        f"the training reward stays at {level:.3f} for {FLAT_POINTS} steps; supervised tuning first may help",
        _AWS,
        "training",
        "notice",
        {"level": level, "gain": gain, "points": float(len(values))},
    )
