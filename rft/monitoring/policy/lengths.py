"""Answers that grow for the wrong reason."""

from statistics import fmean, median
from typing import Final

from rft.monitoring.policy.model import Limits, Reason
from rft.monitoring.policy.series import ALARM, View, fall, noise, window

LENGTH_HACKING: Final = "length_hacking"
LENGTH_SPIKE: Final = "length_spike"
LEAST_GROWTH: Final = 0.35
SPIKE_FACTOR: Final = 1.8
SPIKE_SIGMAS: Final = 8.0
SPIKE_EVIDENCE: Final = 8
NOISE_SHARE: Final = 0.01  # of the length, the least noise that is believed
_SINGHAL: Final = (
    "Singhal et al. 2023, A long way to go: investigating length correlations in RLHF (arXiv:2310.03716)"
)
_AWS: Final = "AWS, Best practices for reinforcement fine-tuning on Amazon Bedrock (2026-04-08)"


def length_hacking(view: View, limits: Limits) -> Reason | None:
    """Answers grow without a gain of the validation reward: verbosity is paid.

    Statistic: CUSUM of the length's rise in noise sigmas. Threshold: 5, and 0.35 of the shortest level, while the
    validation reward has not risen since by more than its noise or 0.02. Minimum evidence: 6 values of each.
    Source: Singhal et al. 2023.
    """
    lengths, validation = view.series("episode_length"), view.series("validation_reward")
    if len(lengths) < 6 or len(validation) < 6:
        return None
    usual = median(lengths.values)
    grown = fall(lengths.negated(), 0.0, share=LEAST_GROWTH, floor=max(1e-9, NOISE_SHARE * abs(usual)))
    if grown is None or not grown.is_harm:
        return None
    width = window(len(validation))
    before = validation.upto(grown.best_step)[-width:]
    if not before:
        return None
    gain = fmean(validation.values[-width:]) - fmean(before)
    if gain > max(0.02, noise(validation.values, 0.005)):
        return None
    return Reason(
        LENGTH_HACKING,
        grown.score,
        ALARM,
        f"answers grew from {-grown.best:.0f} (step {grown.best_step}) to {-grown.now:.0f} tokens, validation "
        f"changed by {gain:+.3f}",
        _SINGHAL,
        "length",
        "harm",
        {"shortest": -grown.best, "now": -grown.now, "validation_gain": gain, "since_step": grown.best_step},
    )


def length_spike(view: View, limits: Limits) -> Reason | None:
    """Answers suddenly much longer: loops.

    Statistic: the smaller of the last two values over the median of the values before. Threshold: 1.8, and 8 sigmas of
    noise. Minimum evidence: 10 values. Source: AWS best practices, "vertical spike"; Hampel 1974.
    """
    values = view.series("episode_length").values
    if len(values) < SPIKE_EVIDENCE + 2:
        return None
    before = values[-20:-2]
    usual, low = median(before), min(values[-2:])
    sigma = noise(before, max(1e-9, NOISE_SHARE * abs(usual)))
    if usual <= 0 or low < SPIKE_FACTOR * usual or low < usual + SPIKE_SIGMAS * sigma:
        return None
    return Reason(
        LENGTH_SPIKE,
        low / usual,
        SPIKE_FACTOR,
        f"answers jumped from {usual:.0f} to {low:.0f} tokens or more; read some for loops",
        _AWS,
        "length",
        "harm",
        {"usual": usual, "now": low, "noise": sigma},
    )
