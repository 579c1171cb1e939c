"""Robust statistics of short, noisy series in plain Python; every function is linear in the series' length or bounded.

The fall of a level is a one-sided CUSUM (Page 1954, "Continuous inspection schemes") against the best rolling mean so
far, in units of a noise estimated from differences, which a trend does not inflate (von Neumann et al. 1941, "The mean
square successive difference"); its scale is the median absolute deviation (Hampel 1974, "The influence curve"), which
outliers do not inflate. Lags 1 and 3 are taken, because differences of neighbours hide noise that is itself correlated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, median
from typing import Final

from rft.monitoring.trace import Point

MAD_TO_SIGMA: Final = 1.4826
MIN_VALUES: Final = 6  # fewer say nothing about noise
SLACK: Final = 1.2  # sigmas below the reference that count as none; the reference is a maximum and so too high
ALARM: Final = 6.0  # of the CUSUM, in sigmas; tuned on the benchmark's tuning seeds
CLIP: Final = 3.0  # sigmas that one point can add, so that one outlier is no fall
CAP: Final = 12.0  # of the CUSUM, so that a recovery is seen soon
RECENT: Final = 3


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

    `best` is the best rolling mean, `best_step` the last step in it, `now` the mean of the latest values.
    """

    score: float
    amount: float
    best: float
    now: float
    best_step: int
    noise: float

    def is_harm(self, least: float) -> bool:
        """Whether it is beyond chance and at least so large."""
        return self.score >= ALARM and self.amount >= least


class View:
    """The series of a trace, each extracted once."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = points
        self._series: dict[str, Series] = {}
        self._falls: dict[tuple[str, bool], Fall | None] = {}

    def series(self, name: str) -> Series:
        found = self._series.get(name)
        if found is None:
            known = [
                (point.step, value) for point in self.points if (value := getattr(point, name)) is not None
            ]
            found = self._series[name] = Series([step for step, _ in known], [value for _, value in known])
        return found

    def fall(self, name: str, *, rise: bool = False) -> Fall | None:
        """The fall of a quantity below its best level, or with `rise` its rise above its lowest; None on few data."""
        key = (name, rise)
        if key not in self._falls:
            series = self.series(name)
            self._falls[key] = fall(series.negated() if rise else series)
        return self._falls[key]


def noise(values: Sequence[float], floor: float) -> float:
    """Standard deviation of the noise around a slowly changing level, at least `floor`."""
    return max(floor, *(_lagged(values, lag) for lag in (1, 3)))


def _lagged(values: Sequence[float], lag: int) -> float:
    differences = [after - before for before, after in zip(values, values[lag:], strict=False)]
    if not differences:
        return 0.0
    middle = median(differences)
    return MAD_TO_SIGMA * median([abs(each - middle) for each in differences]) / sqrt(2)


def window(count: int) -> int:
    """How many values make a level, for a series of `count`."""
    return max(3, min(8, count // 5))


def fall(series: Series, floor: float = 0.005) -> Fall | None:
    """The fall of a series below its best rolling mean; None with fewer than `MIN_VALUES` values."""
    values, count = series.values, len(series)
    if count < MIN_VALUES:
        return None
    width, sigma = window(count), noise(values, floor)
    total = sum(values[:width])
    best, best_at, score = total / width, width - 1, 0.0
    for index in range(width, count):
        value = values[index]
        score += min(CLIP, (best - value) / sigma - SLACK)
        score = 0.0 if score < 0 else min(score, CAP)
        total += value - values[index - width]
        if total / width > best:
            best, best_at = total / width, index
    now = fmean(values[-RECENT:])
    return Fall(score, best - now, best, now, series.steps[best_at], sigma)


def theil_sen(values: Sequence[float]) -> float:
    """Median slope a value (Theil 1950; Sen 1968); quadratic, so for windows of at most some 30 values."""
    slopes = [
        (values[later] - values[sooner]) / (later - sooner)
        for sooner in range(len(values))
        for later in range(sooner + 1, len(values))
    ]
    return median(slopes) if slopes else 0.0
