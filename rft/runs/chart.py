"""Geometry of a line chart over steps; the page draws it as inline SVG, `rft/runs/chart_png.py` as an image."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor, log10
from typing import Final

WIDE: Final = (720, 290)
SMALL: Final = (400, 250)
LEFT: Final = 64
RIGHT: Final = 16
TOP: Final = 30
BOTTOM: Final = 52
TICKS: Final = 5  # at most


@dataclass(frozen=True, slots=True)
class Series:
    """A named line of `(x, y)` points in data units, ordered by x; `style` chooses colour and dashes, 0 to 6."""

    name: str
    points: Sequence[tuple[float, float]]
    style: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """A decision at `x` in data units; `stops` says that it ended the job."""

    x: float
    label: str
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line in pixels: `path` for a polyline, its dots, and the first and last value in data units."""

    name: str
    style: int
    path: str
    dots: Sequence[tuple[float, float]]
    first_value: float
    last_value: float


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything to draw, in pixels; ticks are `(position, label)`, marks `(position, mark)`."""

    title: str
    unit: str
    lines: Sequence[Line]
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    marks: Sequence[tuple[float, Mark]] = field(default_factory=tuple)
    hint: str = ""
    x_label: str = "step"
    width: int = WIDE[0]
    height: int = WIDE[1]
    left: int = LEFT
    top: int = TOP

    @property
    def right(self) -> int:
        return self.width - RIGHT

    @property
    def bottom(self) -> int:
        return self.height - BOTTOM


def line_chart(
    title: str,
    series: Sequence[Series],
    *,
    unit: str,
    y_range: tuple[float, float] | None = None,
    marks: Sequence[Mark] = (),
    hint: str = "",
    size: tuple[int, int] = WIDE,
    x_end: float = 0.0,
    x_label: str = "step",
) -> Chart:
    """Lay out lines over a common x axis that begins at 0. Each series has at least one point.

    Args:
        y_range: None begins at 0 and ends at a round number above the largest value.
        x_end: to which the x axis goes at least.
    """
    width, height = size
    x_max = max(x_end, *(x for one in series for x, _ in one.points)) or 1.0
    low, high = y_range or (0.0, _ceiling(max(max(y for _, y in one.points) for one in series)))

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = min(1.0, max(0.0, x / x_max)), min(1.0, max(0.0, (y - low) / (high - low)))
        return round(LEFT + across * (width - LEFT - RIGHT), 1), round(
            TOP + (1 - up) * (height - TOP - BOTTOM), 1
        )

    lines = []
    for one in series:
        dots = [place(x, y) for x, y in one.points]
        path = " ".join(f"{x},{y}" for x, y in dots)
        lines.append(Line(one.name, one.style, path, dots, one.points[0][1], one.points[-1][1]))
    x_step, y_step = round_step(x_max), round_step(high - low)
    return Chart(
        title,
        unit,
        lines,
        [(place(value, low)[0], tick_label(value)) for value in _multiples(x_step, x_max)],
        [(place(0, low + value)[1], tick_label(low + value)) for value in _multiples(y_step, high - low)],
        [(place(mark.x, low)[0], mark) for mark in marks],
        hint,
        x_label,
        width=width,
        height=height,
    )


def round_step(span: float) -> float:
    """The smallest of 1, 2 and 5 times a power of ten that divides `span` into at most `TICKS` parts."""
    power = 10.0 ** floor(log10(span / TICKS))
    return next(factor * power for factor in (1, 2, 5, 10) if span / (factor * power) <= TICKS + 1e-9)


def tick_label(value: float) -> str:
    """A number without exponent as far as a person reads it: `0.25`, `12,000`."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _multiples(step: float, span: float) -> list[float]:
    return [step * index for index in range(int(span / step + 1e-9) + 1)]


def _ceiling(value: float) -> float:
    if value <= 0:
        return 1.0
    step = round_step(value)
    return step * -floor(-value / step)
