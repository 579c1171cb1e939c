"""Geometry of a small line chart; the template draws it as inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 260
LEFT: Final = 44
RIGHT: Final = 16
TOP: Final = 14
BOTTOM: Final = 36
Y_TICKS: Final = 5
X_TICKS: Final = 6  # at most


@dataclass(frozen=True, slots=True)
class Series:
    """A named line of `(x, y)` points in data units, ordered by x."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Line:
    """A line in pixels: `path` for a polyline, the last point, and its value in data units."""

    name: str
    path: str
    dots: Sequence[tuple[float, float]]
    last: tuple[float, float]
    first_value: float
    last_value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything to draw, in pixels; ticks are `(position, label)`."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    lines: Sequence[Line]
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]


def line_chart(series: Sequence[Series], *, y_range: tuple[float, float]) -> Chart:
    """Lay out lines over a common x axis that begins at 0. Each series has at least one point."""
    x_max = max(max(x for x, _ in one.points) for one in series) or 1.0
    low, high = y_range

    def place(x: float, y: float) -> tuple[float, float]:
        clamped = min(high, max(low, y))
        return (
            round(LEFT + x / x_max * (WIDTH - LEFT - RIGHT), 1),
            round(TOP + (high - clamped) / (high - low) * (HEIGHT - TOP - BOTTOM), 1),
        )

    lines = []
    for one in series:
        dots = [place(x, y) for x, y in one.points]
        path = " ".join(f"{x},{y}" for x, y in dots)
        lines.append(Line(one.name, path, dots, dots[-1], one.points[0][1], one.points[-1][1]))
    x_step = round_step(x_max)
    x_values = [x_step * index for index in range(int(x_max / x_step) + 1)]
    y_values = [low + (high - low) * index / Y_TICKS for index in range(Y_TICKS + 1)]
    return Chart(
        WIDTH,
        HEIGHT,
        LEFT,
        WIDTH - RIGHT,
        TOP,
        HEIGHT - BOTTOM,
        lines,
        [(place(value, low)[0], f"{round(value):,}") for value in x_values],
        [(place(0, value)[1], f"{value:.1f}") for value in y_values],
    )


def round_step(span: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that divides `span` into at most `X_TICKS` parts."""
    power = 10.0 ** floor(log10(span / X_TICKS))
    return next(factor * power for factor in (1, 2, 5, 10) if span / (factor * power) <= X_TICKS)
