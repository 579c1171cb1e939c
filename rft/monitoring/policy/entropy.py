"""Policy entropy: a policy that stopped exploring, or one that ignores the reward."""

from statistics import fmean, median
from typing import Final

from rft.monitoring.policy.model import Limits, Reason
from rft.monitoring.policy.series import View, noise, theil_sen

COLLAPSE: Final = "entropy_collapse"
FLAT_HIGH: Final = "entropy_flat_high"
LEARNING_STOPPED: Final = "learning_stopped"
NEAR_ZERO: Final = 0.12  # nats
OF_START: Final = 0.25
START: Final = 5
COLLAPSE_POINTS: Final = 3
FLAT_POINTS: Final = 25
HIGH: Final = 0.9  # nats
CEILING: Final = 0.85
STOPPED_POINTS: Final = 5
_CUI: Final = "Cui et al. 2025, The entropy mechanism of reinforcement learning for reasoning language models"
_AWS: Final = "AWS, Best practices for reinforcement fine-tuning on Amazon Bedrock (2026-04-08)"


def entropy_collapse(view: View, limits: Limits) -> Reason | None:
    """Entropy near zero: the policy gives one answer.

    Statistic: median of the last 3 values in nats. Threshold: 0.12, and a quarter of the median of the first 5.
    Minimum evidence: 8 values. Source: Cui et al. 2025; AWS best practices, healthy 0.8 to 1.1.
    """
    values = view.series("policy_entropy").values
    if len(values) < START + COLLAPSE_POINTS:
        return None
    start, now = median(values[:START]), median(values[-COLLAPSE_POINTS:])
    if now >= _floor(start):
        return None
    return Reason(
        COLLAPSE,
        now,
        _floor(start),
        f"the policy's entropy is {now:.3f} nats, and began at {start:.2f}",
        _CUI,
        "entropy",
        "harm",
        {"start": start, "now": now},
    )


def _floor(start: float) -> float:
    return min(NEAR_ZERO, OF_START * start)


def learning_stopped(view: View, limits: Limits) -> Reason | None:
    """Since the entropy collapsed, the training reward has stopped rising below its ceiling.

    Statistic: mean of the last 5 training rewards minus the mean of the 5 before the entropy fell below half its
    start. Threshold: the noise of such a difference, at least 0.01; only below 0.85 of reward and with at least
    5 rewards since. Minimum evidence: a collapse, 10 rewards. Source: Cui et al. 2025, reward is bought with entropy.
    """
    entropy, train = view.series("policy_entropy"), view.series("train_reward")
    if entropy_collapse(view, limits) is None:
        return None
    half = median(entropy.values[:START]) / 2
    last_high = max((step for step, value in zip(*_pair(view), strict=True) if value >= half), default=None)
    if last_high is None:
        return None
    before = train.upto(last_high)[-STOPPED_POINTS:]
    since = len(train) - len(train.upto(last_high))
    if len(before) < STOPPED_POINTS or since < STOPPED_POINTS:
        return None
    now = fmean(train.values[-STOPPED_POINTS:])
    gain = now - fmean(before)
    allowed = max(0.01, 0.63 * noise(train.values, 0.005))  # sqrt(2 / 5) sigmas
    if now >= CEILING or gain > allowed:
        return None
    return Reason(
        LEARNING_STOPPED,
        gain,
        allowed,
        f"since the entropy fell at step {last_high}, the training reward changed by {gain:+.3f} and is {now:.3f}",
        _CUI,
        "training",
        "harm",
        {"gain": gain, "now": now, "since_step": last_high},
    )


def _pair(view: View) -> tuple[list[int], list[float]]:
    series = view.series("policy_entropy")
    return list(series.steps), list(series.values)


def entropy_flat_high(view: View, limits: Limits) -> Reason | None:
    """Entropy flat and high while the reward does not rise: the policy ignores the reward.

    Statistic: median of the last 25 entropies over the median of the first 5. Threshold: 0.95, at 0.9 nats or more and
    with a training reward that gained less than two sigmas or 0.03. Minimum evidence: 25 values of each.
    Source: AWS best practices, "flat and high".
    """
    entropy, train = view.series("policy_entropy").values, view.series("train_reward").values
    if len(entropy) < FLAT_POINTS or len(train) < FLAT_POINTS:
        return None
    start, now = median(entropy[:START]), median(entropy[-FLAT_POINTS:])
    if start <= 0 or now < max(HIGH, 0.95 * start):
        return None
    gain = theil_sen(train[-FLAT_POINTS:]) * FLAT_POINTS
    if gain > max(0.03, 2 * noise(train, 0.005)) or fmean(train[-STOPPED_POINTS:]) >= CEILING:
        return None
    return Reason(
        FLAT_HIGH,
        now / start,
        0.95,
        f"the policy's entropy stays at {now:.2f} nats and the reward does not rise",
        _AWS,
        "entropy",
        "notice",
        {"start": start, "now": now, "reward_gain": gain},
    )
