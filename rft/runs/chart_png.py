"""A chart as a PNG image, for readers of mail, which shows no SVG."""

from io import BytesIO
from typing import TYPE_CHECKING, Final

from rft.runs.chart import Chart, Line

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SCALE: Final = 2  # pixels a unit of the chart, for sharp screens
HEAD: Final = 40  # units above the chart for title and legend
# The styles of `curves.css.j2` on white
COLORS: Final = ("#0072b2", "#d55e00", "#00825f", "#a8478a", "#8a6d00", "#4b5563", "#5d6b7a")
INK, QUIET, GRID, STOP, HELD = "#17202a", "#5d6b7a", "#dfe4ea", "#b3261e", "#8a5a00"
TEXT: Final = 13  # units
DOTTED_STYLES: Final = range(1, 6)  # told apart by dots, as Pillow draws no dashes


def png(chart: Chart, title: str) -> bytes:
    """The image with a title such as `gsm8k · run 0123`, 2 pixels a unit, on white.

    Raises:
        ImportError: where Pillow is not installed.
    """
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (chart.width * SCALE, (chart.height + HEAD) * SCALE), "white")
    draw = ImageDraw.Draw(image)
    _text(draw, 12, 18, f"{title}: {chart.title}", INK, "ls", TEXT + 2)
    x = 12.0
    for line in chart.lines:
        draw.line(_scaled([(x, 32), (x + 22, 32)]), fill=COLORS[line.style], width=2 * SCALE)
        label = f"{line.name} {line.first_value:.2f} to {line.last_value:.2f}"
        x += 40 + _text(draw, x + 28, 36, label, QUIET, "ls")
    _axes(draw, chart)
    for line in chart.lines:
        _line(draw, line)
    for x, mark in chart.marks:
        colour = STOP if mark.stops else HELD
        draw.line(_scaled([(x, HEAD + chart.top), (x, HEAD + chart.bottom)]), fill=colour, width=SCALE)
        right = x > chart.width / 2
        place = x - 6 if right else x + 6
        _text(draw, place, HEAD + chart.bottom - 10, mark.label, colour, "rs" if right else "ls")
    found = BytesIO()
    image.save(found, "PNG", optimize=True)
    return found.getvalue()


def _axes(draw: "ImageDraw", chart: Chart) -> None:
    _text(draw, chart.left, HEAD + chart.top - 12, chart.unit, QUIET, "ls")
    for y, label in chart.y_ticks:
        draw.line(_scaled([(chart.left, HEAD + y), (chart.right, HEAD + y)]), fill=GRID, width=SCALE)
        _text(draw, chart.left - 8, HEAD + y, label, QUIET, "rm")
    for x, label in chart.x_ticks:
        _text(draw, x, HEAD + chart.bottom + 20, label, QUIET, "ms")
    _text(draw, (chart.left + chart.right) / 2, HEAD + chart.height - 8, chart.x_label, QUIET, "ms")


def _line(draw: "ImageDraw", line: Line) -> None:
    places = [(x, HEAD + y) for x, y in line.dots]
    colour = COLORS[line.style]
    if len(places) > 1:
        draw.line(_scaled(places), fill=colour, width=2 * SCALE, joint="curve")
    for x, y in places if line.style in DOTTED_STYLES else places[-1:]:
        draw.circle((x * SCALE, y * SCALE), 3 * SCALE, fill=colour)


def _scaled(places: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(x * SCALE, y * SCALE) for x, y in places]


def _text(
    draw: "ImageDraw", x: float, y: float, text: str, colour: str, anchor: str, size: int = TEXT
) -> float:
    """Write a text; return its width in units."""
    from PIL import ImageFont

    font = ImageFont.load_default(size * SCALE)
    draw.text((x * SCALE, y * SCALE), text, fill=colour, font=font, anchor=anchor)
    return float(draw.textlength(text, font=font)) / SCALE
