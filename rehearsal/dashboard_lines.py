"""The lines of a dashboard's graphs: which metric each shows, with `SEARCH` expressions expanded."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from stacks.constructs.dashboard_graphs import BLUE, GREEN, ORANGE, PURPLE, SKY

# The report's styles with these hues; it has dashes too, and colours that can be seen on white and on black
STYLES: Final[Mapping[str, int]] = {BLUE: 0, ORANGE: 1, GREEN: 2, PURPLE: 3, SKY: 4}
LINE_STYLES: Final = 6
SEARCH: Final = re.compile(r"SEARCH\('\{(?P<schema>[^}]+)\}(?P<terms>.*)', *'(?P<statistic>[^']+)'\)")
TERM: Final = re.compile(r'(?P<field>\w+)="(?P<value>[^"]*)"|(?P<word>[^\s"]+)')
PROPERTY: Final = re.compile(r"\$\{PROP\('Dim\.(\w+)'\)\}")


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of CloudWatch."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a graph; `metric` is None when no metric answers to its expression.

    `style` is one of the report's (`rft/runs/templates/curves.css.j2`); `evaluated` is False for metric math.
    """

    label: str
    style: int
    statistic: str = "Average"
    metric: Metric | None = None
    evaluated: bool = True


def lines(widget: Mapping[str, Any], known: Sequence[Metric]) -> list[Line]:
    """The lines of a graph, those of a `SEARCH` by name; `known` are all metrics there are."""
    entries = widget["properties"].get("metrics", [])
    options = [entry[-1] if isinstance(entry[-1], dict) else {} for entry in entries]
    taken = {STYLES[each["color"]] for each in options if each.get("color") in STYLES}
    free = [style for style in range(LINE_STYLES) if style not in taken]
    found: list[Line] = []
    for entry, each in zip(entries, options, strict=True):
        for label, statistic, metric, evaluated in _meant(entry, each, known):
            style = STYLES.get(each.get("color", ""))
            if style is None:
                style = free.pop(0) if free else len(found) % LINE_STYLES
            found.append(Line(label, style, statistic, metric, evaluated))
    return found


def _meant(
    entry: Sequence[Any], options: Mapping[str, Any], known: Sequence[Metric]
) -> list[tuple[str, str, Metric | None, bool]]:
    """Label, statistic, metric and whether it can be evaluated, of each line of an entry."""
    if "expression" not in options:
        namespace, name, *pairs = (str(part) for part in entry if not isinstance(part, dict))
        metric = Metric(namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True)))
        return [(options.get("label", name), options.get("stat", "Average"), metric, True)]
    label = options.get("label", "")
    search = SEARCH.fullmatch(options["expression"])
    if search is None:
        return [(label or options["expression"], "", None, False)]
    metrics = matching(search, known)
    if not label:
        label = next((term["value"] for term in TERM.finditer(search["terms"]) if term["field"]), "")
    if not metrics:
        return [(PROPERTY.sub(r"each \1", label), search["statistic"], None, True)]
    return [(_label(label, metric), search["statistic"], metric, True) for metric in metrics]


def matching(search: re.Match[str], known: Sequence[Metric]) -> list[Metric]:
    """The metrics that a `SEARCH` means: exactly its dimensions, and all its terms.

    A term `field="value"` is the metric's name or a dimension's whole value, a bare word a part of any value.
    Source: Amazon CloudWatch User Guide, "CloudWatch search expression syntax".
    """
    namespace, *dimensions = search["schema"].split(",")
    terms = list(TERM.finditer(search["terms"]))
    return [
        metric
        for metric in known
        if metric.namespace == namespace
        and set(metric.dimensions) == set(dimensions)
        and all(_holds(term, metric) for term in terms)
    ]


def _holds(term: re.Match[str], metric: Metric) -> bool:
    if term["word"]:
        return any(
            term["word"].lower() in text.lower() for text in (metric.name, *metric.dimensions.values())
        )
    return ({"MetricName": metric.name} | dict(metric.dimensions)).get(term["field"]) == term["value"]


def _label(label: str, metric: Metric) -> str:
    """A label with values in the place of `${PROP('Dim.x')}`, of an ARN its resource only."""
    return PROPERTY.sub(lambda found: metric.dimensions.get(found[1], "").rsplit("/", 1)[-1], label)
