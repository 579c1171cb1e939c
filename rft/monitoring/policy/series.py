"""Robust statistics of short, noisy series in plain Python; every function is linear in the series' length or bounded.

The fall of a level is a one-sided CUSUM (Page 1954, "Continuous inspection schemes") against the best rolling mean so
far, in units of a noise estimated from differences, which a trend does not inflate (von Neumann et al. 1941, "The mean
square successive difference"); its scale is the median absolute deviation (Hampel 1974, "The influence curve"), which
outliers do not inflate. Lags 1 and 3 are taken, because differences of neighbours hide noise that is itself correlated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import sqrt
from statistics import fmean, median
from typing import Final

from rft.monitoring.trace import Point

MAD_TO_SIGMA: Final = 1.4826
MIN_VALUES: Final = 6  # fewer say nothing about noise
SLACK: Final = 0.8  # sigmas below the reference that count as none
REFERENCE_ERRORS: Final = 1.5  # standard errors by which the best of many means is too high
AMOUNT_ERRORS: Final = 2.2  # standard errors that a fall must be large
UNSURE_ALIKE: Final = 0.15  # of the likeness of neighbours that white noise may show
SMALL_SAMPLE: Final = 3.0
ALARM: Final = 5.0  # of the CUSUM, in sigmas; tuned on the benchmark's tuning seeds
CLIP: Final = 3.0  # sigmas that one point can add, so that one outlier is no fall
CAP: Final = 12.0  # of the CUSUM, so that a recovery is seen soon
RECENT: Final = 3
NOISE_VALUES: Final = 80  # the latest ones tell the noise
CALM_VALUES: Final = 4


@dataclass(frozen=True, slots=True)
class Series:
    """The known values of one quantity and their steps."""

    steps: Sequence[int]
    values: Sequence[float]

    def __len__(self) -> int:
        return len(self.values)

    def negated(self) -> "Series":
        return Series(self.steps, [-value for value in self.values])

    def upto(self, step: int) -> list[float]:
        """The values of steps up to `step`."""
        return [value for at, value in zip(self.steps, self.values, strict=True) if at <= step]


@dataclass(frozen=True, slots=True)
class Fall:
    """How far a series lies below its best level: `score` in sigmas (CUSUM), `amount` in its own unit.

    The score is 0 while the amount is too small to be harm. `best` is the best rolling mean, `best_step` the last step
    in it, `now` the mean of the latest values.
    """

    score: float
    amount: float
    best: float
    now: float
    best_step: int
    noise: float

    @property
    def is_harm(self) -> bool:
        """Whether it is large enough, and beyond chance."""
        return self.score >= ALARM


class View:
    """The series of a trace, each extracted once."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = points
        self._series: dict[str, Series] = {}
        self._falls: dict[str, Fall | None] = {}

    def series(self, name: str) -> Series:
        found = self._series.get(name)
        if found is None:
            known = [
                (point.step, value) for point in self.points if (value := getattr(point, name)) is not None
            ]
            found = self._series[name] = Series([step for step, _ in known], [value for _, value in known])
        return found

    def fall(self, name: str, least: float) -> Fall | None:
        """The fall of a quantity below its best level, harm from `least` on; None on few data."""
        if name not in self._falls:
            self._falls[name] = fall(self.series(name), least)
        return self._falls[name]


def noise(values: Sequence[float], floor: float) -> float:
    """Standard deviation of the noise around a slowly changing level, at least `floor`.

    It is enlarged where neighbours are alike, because a mean of such values is less certain, and for few values.
    """
    near, far = _lagged(values, 1), _lagged(values, 3)
    alike = min(0.7, max(0.0, 1 - near.square / far.square)) if far.square > 0 else 0.0
    enlarged = 1 + max(0.0, alike - UNSURE_ALIKE) + SMALL_SAMPLE / max(1, len(values))
    return max(floor, max(near.sigma, far.sigma) * enlarged)


@dataclass(frozen=True, slots=True)
class _Differences:
    """Of differences: the standard deviation of a value, and their mean square without outliers."""

    sigma: float
    square: float


def _lagged(values: Sequence[float], lag: int) -> _Differences:
    differences = [after - before for before, after in zip(values, values[lag:], strict=False)]
    if not differences:
        return _Differences(0.0, 0.0)
    middle = median(differences)
    sizes = [abs(each - middle) for each in differences]
    sigma = MAD_TO_SIGMA * median(sizes)
    return _Differences(sigma / sqrt(2), fmean([min(size, CLIP * sigma) ** 2 for size in sizes]))


def window(count: int) -> int:
    """How many values make a level, for a series of `count`."""
    return max(3, min(8, count // 5))


def fall(series: Series, least: float, *, share: float = 0.0, floor: float = 0.005) -> Fall | None:
    """The fall of a series below its best rolling mean; None with fewer than `MIN_VALUES` values.

    Args:
        least: smallest amount that is harm, in the series' unit.
        share: smallest amount that is harm, as a share of the best level; the larger of the two counts.
        floor: the least noise that is believed.
    """
    values, count = series.values, len(series)
    if count < MIN_VALUES:
        return None
    width = window(count)
    sums = [0.0, *accumulate(values)]
    means = [(after - before) / width for before, after in zip(sums, sums[width:], strict=False)]
    best, now = max(means), fmean(values[-RECENT:])
    best_at = means.index(best) + width  # where the best mean's values end
    best_step = series.steps[best_at - 1]
    if best - now < max(least, share * abs(best)):
        return Fall(0.0, best - now, best, now, best_step, 0.0)
    sigma = noise(values[-NOISE_VALUES:], floor)
    if best_at >= CALM_VALUES:  # a fall over few values is noise to an estimate that includes it
        sigma = min(sigma, noise(values[max(0, best_at - NOISE_VALUES) : best_at], floor))
    if best - now < AMOUNT_ERRORS * sigma * sqrt(1 / width + 1 / RECENT):
        return Fall(0.0, best - now, best, now, best_step, sigma)
    slack = SLACK + REFERENCE_ERRORS / sqrt(width)
    return Fall(_cusum(values[width:], means, sigma, slack), best - now, best, now, best_step, sigma)


def _cusum(values: Sequence[float], means: Sequence[float], sigma: float, slack: float) -> float:
    """The CUSUM of values below the best of the means before each."""
    score, best = 0.0, means[0]
    for value, mean in zip(values, means, strict=False):
        best = max(best, mean)
        score = min(CAP, max(0.0, score + min(CLIP, (best - value) / sigma - slack)))
    return score


def theil_sen(values: Sequence[float]) -> float:
    """Median slope a value (Theil 1950; Sen 1968); quadratic, so for windows of at most some 30 values."""
    slopes = [
        (values[later] - values[sooner]) / (later - sooner)
        for sooner in range(len(values))
        for later in range(sooner + 1, len(values))
    ]
    return median(slopes) if slopes else 0.0
