"""A dashboard as one self-contained page: in its own grid, or in one column where the window is narrow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from markdown_it import MarkdownIt
from markupsafe import Markup

from rehearsal.dashboard_data import Points, Window
from rehearsal.dashboard_lines import Line
from rft.pages import page_environment
from rft.runs.chart import SMALL, Chart, Series, line_chart, tick_label
from rft.runs.curves import REFERENCE_STYLE
from rft.runs.report import TEMPLATES as REPORT_TEMPLATES

TEMPLATES: Final = Path(__file__).parent / "templates"
X_LABEL: Final = "seconds since the upload"
NO_DATA: Final = "no data"
NOT_EVALUATED: Final = "metric math, not evaluated here"
_markdown: Final = MarkdownIt("commonmark", {"html": False})


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm by name with its state, empty where nothing is known; `rang` says that it was in alarm at any time."""

    name: str
    state: str = ""
    rang: bool = False

    @property
    def words(self) -> str:
        """State for people, of whom some see no colours."""
        if self.rang and self.state != "ALARM":
            return "rang, is over"
        return {"ALARM": "in alarm", "OK": "OK", "INSUFFICIENT_DATA": "no data yet", "": ""}[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A widget: its place in a grid of 24 columns, and a text, alarms or a graph.

    `axis` names unit and range; `missing` says why there is no chart.
    """

    x: int
    y: int
    width: int
    height: int
    title: str = ""
    text: Markup = field(default_factory=Markup)
    alarms: Sequence[Alarm] = ()
    prefix: str = ""
    legend: Sequence[tuple[int, str]] = ()
    axis: str = ""
    chart: Chart | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Data:
    """What CloudWatch has in a window, for each line of each widget, and its alarms by name."""

    window: Window
    points: Sequence[Sequence[Points]]
    alarms: Mapping[str, Alarm]


def panels(
    widgets: Sequence[Mapping[str, Any]], lines: Sequence[Sequence[Line]], data: Data | None = None
) -> list[Panel]:
    """The widgets in reading order; without `data` only the layout.

    Args:
        lines: of each widget.
    """
    made = []
    for number, (widget, drawn) in enumerate(zip(widgets, lines, strict=True)):
        place = {key: widget[key] for key in ("x", "y", "width", "height")}
        properties = widget["properties"]
        title = properties.get("title", "")
        if widget["type"] == "text":
            made.append(Panel(**place, text=Markup(_markdown.render(properties["markdown"]))))  # noqa: S704
        elif widget["type"] == "alarm":
            made.append(Panel(**place, title=title, **_alarms(properties["alarms"], data)))
        else:
            points = data.points[number] if data else [()] * len(drawn)
            made.append(Panel(**place, title=title, **_graph(properties, drawn, points, data)))
    return sorted(made, key=lambda panel: (panel.y, panel.x))


def render(title: str, shown: Sequence[Panel], *, lead: str = "", window: Window | None = None) -> str:
    """The page as HTML text; without `window` it says that it shows the layout only."""
    page = page_environment(TEMPLATES, REPORT_TEMPLATES).get_template("dashboard.html.j2")
    return page.render(title=title, panels=shown, lead=lead, window=window)


def alarm_name(reference: str) -> str:
    """The name in an alarm's ARN."""
    return reference.rsplit(":", 1)[-1]


def _alarms(references: Sequence[str], data: Data | None) -> dict[str, Any]:
    names = [alarm_name(str(reference)) for reference in references]
    prefix = _common_prefix(names)
    found = [data.alarms.get(name, Alarm(name)) if data else Alarm(name) for name in names]
    short = [Alarm(each.name.removeprefix(prefix), each.state, each.rang) for each in found]
    return {"alarms": short, "prefix": prefix}


def _common_prefix(names: Sequence[str]) -> str:
    """The words up to a dash with which all names begin."""
    first, last = min(names, default=""), max(names, default="")
    same = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    return first[: first.rfind("-", 0, same) + 1]


def _graph(
    properties: Mapping[str, Any], lines: Sequence[Line], points: Sequence[Points], data: Data | None
) -> dict[str, Any]:
    axis = properties.get("yAxis", {}).get("left", {})
    unit, low, high = axis.get("label", ""), axis.get("min", 0), axis.get("max")
    levels = properties.get("annotations", {}).get("horizontal", [])
    names = [line.label if line.evaluated else f"{line.label} ({NOT_EVALUATED})" for line in lines]
    legend = [(line.style, name) for line, name in zip(lines, names, strict=True)]
    legend += [(REFERENCE_STYLE, f"{level['label']} at {tick_label(level['value'])}") for level in levels]
    series = [
        Series(name, found, line.style)
        for line, name, found in zip(lines, names, points, strict=True)
        if found
    ]
    top = "" if high is None else f" to {tick_label(high)}"
    shown = {"legend": legend, "axis": f"{unit}, from {tick_label(low)}{top}"}
    if data is None or not series:
        return shown | {"missing": NO_DATA if data else ""}
    end = data.window.seconds
    series += [
        Series(level["label"], [(0.0, level["value"]), (end, level["value"])], REFERENCE_STYLE)
        for level in levels
    ]
    return shown | {
        "chart": line_chart(
            properties["title"],
            series,
            unit=unit,
            y_range=None if high is None else (low, high),
            size=SMALL,
            x_end=end,
            x_label=X_LABEL,
        )
    }
