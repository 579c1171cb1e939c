"""Validation reward that has risen and rises no more."""

from math import sqrt
from statistics import fmean
from typing import Final

from rft.monitoring.policy.model import Limits, Reason
from rft.monitoring.policy.series import View, noise, theil_sen

PLATEAU: Final = "plateau"
EVIDENCE: Final = 12
LEAST_RISE: Final = 0.05
LEAST_GAIN: Final = 0.01
SLOWER: Final = 0.3
_PRECHELT: Final = "Prechelt 1998, Early stopping - but when?"


def plateau(view: View, limits: Limits) -> Reason | None:
    """The validation reward rose before and is flat now.

    Statistic: Theil-Sen slope times the window (the last third of the values, 8 to 30). Threshold: 0.01, or two
    standard errors of such a gain, at most 0.03, where that is more; but at most 0.3 of what such a window gained on
    average before. It must have risen by 0.05 before. Minimum evidence: 12 values. Source: Prechelt 1998.
    """
    series = view.series("validation_reward")
    values = series.values
    if len(values) < EVIDENCE:
        return None
    width = max(8, min(30, len(values) // 3))
    recent, sigma = values[-width:], noise(values, 0.005)
    allowed = max(LEAST_GAIN, min(0.03, 2 * sigma * sqrt(12 / width)))
    rise = fmean(recent) - fmean(values[:3])
    if rise < max(LEAST_RISE, 2 * sigma):
        return None
    allowed = min(allowed, SLOWER * rise * width / (len(values) - width / 2))
    gain = theil_sen(recent) * width
    if abs(gain) > allowed:
        return None
    return Reason(
        PLATEAU,
        gain,
        allowed,
        f"the validation reward stays at {fmean(recent):.3f} since step {series.steps[-width]}",
        _PRECHELT,
        "validation",
        "notice",
        {"level": fmean(recent), "gain": gain, "rise": rise, "since_step": series.steps[-width]},
    )
