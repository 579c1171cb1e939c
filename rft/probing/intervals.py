"""Confidence intervals at 95 %: Wilson's for shares, the normal one for means over prompts."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Final

from rft.runs.probe_part import Interval

Z: Final = 1.959964  # of the normal distribution, two-sided 95 %


def share(count: int, total: int) -> Interval:
    """A share in [0, 1] (Wilson 1927, "Probable inference, the law of succession, and statistical inference")."""
    if total == 0:
        return Interval(value=0.0, low=0.0, high=1.0)
    p = count / total
    scale = 1 + Z * Z / total
    centre = (p + Z * Z / (2 * total)) / scale
    half = Z * sqrt(p * (1 - p) / total + Z * Z / (4 * total * total)) / scale
    return Interval(value=p, low=max(0.0, centre - half), high=min(1.0, centre + half))


def mean(values: Sequence[float]) -> Interval:
    """A mean of values in [0, 1] that are independent of each other, such as one a prompt."""
    if not values:
        return Interval(value=0.0, low=0.0, high=1.0)
    middle = fmean(values)
    half = Z * stdev(values) / sqrt(len(values)) if len(values) > 1 else 1.0
    return Interval(value=middle, low=max(0.0, middle - half), high=min(1.0, middle + half))
