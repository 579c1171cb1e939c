"""Rewards that are gamed: training and validation part, or one part of the reward eats the others."""

from bisect import bisect_right
from statistics import fmean
from typing import Final

from rft.monitoring.policy.model import TRAINING, Limits, Reason
from rft.monitoring.policy.rewards import LEAST_FALL
from rft.monitoring.policy.series import ALARM, Fall, Series, View, fall, noise

GAP: Final = "train_validation_gap"
HACKING: Final = "reward_hacking"
COMPONENTS: Final = "component_hacking"
LEAST_GAP: Final = 0.12
LARGE_LOSS: Final = 0.12
LEAST_COMPONENT_FALL: Final = 0.08
SATURATED: Final = 0.85
TRAINING_SIGMAS: Final = 1.5
_GAO: Final = "Gao et al. 2022, Scaling laws for reward model overoptimization (arXiv:2210.10760)"
_AWS: Final = "AWS, Best practices for reinforcement fine-tuning on Amazon Bedrock (2026-04-08)"


def train_validation_gap(view: View, limits: Limits) -> Reason | None:
    """The gap between training and validation reward grows.

    Statistic: CUSUM of the gap's rise in noise sigmas. Threshold: 5, and 0.12 of reward. Minimum evidence: 6 steps
    with a validation reward and a training reward at or before it. Source: AWS best practices, "validation close to
    training"; Page 1954.
    """
    train, validation = view.series("train_reward"), view.series("validation_reward")
    gaps = _gaps(train, validation)
    lost = view.fall("validation_reward", LEAST_FALL)
    found = fall(gaps.negated(), LEAST_GAP)
    if found is None or lost is None or not found.is_harm:
        return None
    rose = _training_gain(train, lost.best_step) is not None
    return Reason(
        GAP,
        found.score,
        ALARM,
        f"training is ahead of validation by {-found.now:.3f}, and was by {-found.best:.3f} at step {found.best_step}",
        _AWS,
        "gap" if rose or lost.amount >= LARGE_LOSS else "validation",  # else it says the same as a fall
        "harm",
        {"gap": -found.now, "least_gap": -found.best, "least_gap_step": found.best_step},
        lasting=rose or lost.lasting,
    )


def _gaps(train: Series, validation: Series) -> Series:
    """Training minus validation reward, the training reward as the mean of its last 3 values at that step."""
    steps, gaps = [], []
    for step, value in zip(validation.steps, validation.values, strict=True):
        upto = bisect_right(train.steps, step)
        if upto:
            steps.append(step)
            gaps.append(fmean(train.values[max(0, upto - 3) : upto]) - value)
    return Series(steps, gaps)


def reward_hacking(view: View, limits: Limits) -> Reason | None:
    """Training reward up while validation reward is down.

    Statistic: CUSUM of the validation's fall in noise sigmas. Threshold: 5 and 0.05 of reward, while the training
    reward rose since the validation's best step by 0.01 and 1.5 sigmas of its noise. Minimum evidence: 6 values of
    each. Source: Gao et al. 2022.
    """
    lost = view.fall("validation_reward", LEAST_FALL)
    train = view.series("train_reward")
    if lost is None or not lost.is_harm or len(train) < 6:
        return None
    gain = _training_gain(train, lost.best_step)
    if gain is None:
        return None
    return Reason(
        HACKING,
        lost.score,
        ALARM,
        f"since step {lost.best_step} validation lost {lost.amount:.3f} while training won {gain:.3f}",
        _GAO,
        "validation",
        "harm",
        {"validation_loss": lost.amount, "training_gain": gain, "best_step": lost.best_step},
    )


def _training_gain(train: Series, since: int) -> float | None:
    """What the training reward won since a step; None when that is less than 0.01 or 1.5 sigmas."""
    then = train.upto(since)[-5:]
    if not then:
        return None
    gain = fmean(train.values[-5:]) - fmean(then)
    return gain if gain >= max(0.01, TRAINING_SIGMAS * noise(train.values, 0.005)) else None


def component_hacking(view: View, limits: Limits) -> Reason | None:
    """One part of the reward saturates while another falls.

    Statistic: CUSUM of the falling part in noise sigmas. Threshold: 5, and 0.08 of reward, with another part at 0.85
    or above that has not fallen. Minimum evidence: 6 values of two parts.
    Source: AWS best practices, "too much weight on one part moves the whole behaviour".
    """
    found = _parts(view)
    saturated = [name for name, part in found.items() if part.now >= SATURATED and part.amount < LEAST_FALL]
    falling = [name for name, part in found.items() if part.is_harm]
    if not saturated or not falling:
        return None
    worst = max(falling, key=lambda name: found[name].amount)
    part = found[worst]
    whole = view.fall("train_reward", LEAST_FALL)
    traded = whole is not None and whole.amount < LEAST_FALL
    return Reason(
        COMPONENTS,
        part.score,
        ALARM,
        f"{worst!r} fell from {part.best:.3f} to {part.now:.3f} while {saturated[0]!r} is at "
        f"{found[saturated[0]].now:.3f}",
        _AWS,
        "components" if traded else TRAINING,  # a part falls with the whole
        "harm",
        {"best": part.best, "now": part.now, "saturated": found[saturated[0]].now},
        lasting=traded or part.lasting,
    )


def _parts(view: View) -> dict[str, Fall]:
    by_name: dict[str, tuple[list[int], list[float]]] = {}
    for point in view.points:
        for name, value in point.components.items():
            steps, values = by_name.setdefault(name, ([], []))
            steps.append(point.step)
            values.append(value)
    falls = {name: fall(Series(*by_name[name]), LEAST_COMPONENT_FALL) for name in sorted(by_name)}
    return {name: found for name, found in falls.items() if found is not None}
