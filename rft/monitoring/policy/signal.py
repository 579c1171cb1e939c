"""Prompts that teach nothing, and answers that become worse than the base model's."""

from statistics import fmean, median
from typing import Final

from rft.monitoring.policy.model import TRAINING, Limits, Reason
from rft.monitoring.policy.series import ALARM, View, fall

ZERO_SIGNAL: Final = "zero_signal_share"
DRIFT: Final = "policy_drift"
SIGNAL: Final = "signal"  # the family of prompts without signal
HIGH_SHARE: Final = 0.6
LEAST_RISE: Final = 0.15
LEAST_DRIFT: Final = 0.08
CEILING: Final = 0.85
_DAPO: Final = "Yu et al. 2025, DAPO: an open-source LLM reinforcement learning system (arXiv:2503.14476)"
_AWS: Final = "AWS, Best practices for reinforcement fine-tuning on Amazon Bedrock (2026-04-08)"


def zero_signal_share(view: View, limits: Limits) -> Reason | None:
    """Most prompts earn all their answers the same reward, and more and more do, though the reward is below 0.85.

    Statistic: median of the last 5 shares. Threshold: 0.6, risen by 0.15 with a CUSUM of 5. Minimum evidence: 6 shares
    and 5 training rewards. Source: Yu et al. 2025, groups without advantage give no gradient.
    """
    shares, train = view.series("zero_signal_share").values, view.series("train_reward").values
    risen = fall(view.series("zero_signal_share").negated(), LEAST_RISE)
    if risen is None or len(train) < 5 or fmean(train[-5:]) >= CEILING:
        return None
    now = median(shares[-5:])
    if now < HIGH_SHARE or not risen.is_harm:
        return None
    return Reason(
        ZERO_SIGNAL,
        now,
        HIGH_SHARE,
        f"{now:.0%} of the prompts carry no signal, and {-risen.best:.0%} did at step {risen.best_step}",
        _DAPO,
        SIGNAL,
        "harm",
        {"now": now, "lowest": -risen.best, "since_step": risen.best_step},
    )


def policy_drift(view: View, limits: Limits) -> Reason | None:
    """More and more answers earn less than the base model's mean.

    Statistic: CUSUM of the share's rise in noise sigmas. Threshold: 5, and 0.08. Minimum evidence: 6 shares.
    Source: AWS best practices, "share of low-reward answers rises".
    """
    risen = fall(view.series("low_reward_share").negated(), LEAST_DRIFT)
    if risen is None or not risen.is_harm:
        return None
    return Reason(
        DRIFT,
        risen.score,
        ALARM,
        f"{-risen.now:.0%} of the answers earn less than the base model's mean, and {-risen.best:.0%} did at step "
        f"{risen.best_step}",
        _AWS,
        TRAINING,  # the mean of the same rewards
        "harm",
        {"now": -risen.now, "lowest": -risen.best, "since_step": risen.best_step},
        lasting=risen.lasting,
    )
