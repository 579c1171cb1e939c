"""What CloudWatch has for a dashboard: its body, the data of its lines, the states of its alarms."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor
from typing import Any, Final

from rehearsal.dashboard_lines import Line, Metric

QUERIES: Final = 500  # of one call of GetMetricData
SUM: Final = "Sum"
DASHBOARD_PERIOD_SECONDS: Final = 300
Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a page shows, in epoch seconds; `wait_scale` is the real duration of a simulated second.

    Counts are of the dashboard's own period in simulated time, in whole seconds; everything else has a point a second.
    """

    begin: float
    end: float
    wait_scale: float

    @property
    def seconds(self) -> float:
        return self.end - self.begin

    @property
    def counted_seconds(self) -> int:
        return max(1, round(DASHBOARD_PERIOD_SECONDS * self.wait_scale))

    def period(self, statistic: str) -> int:
        return self.counted_seconds if statistic == SUM else 1


def body(client: Any, name: str) -> list[dict[str, Any]]:
    """The widgets of a deployed dashboard."""
    found: list[dict[str, Any]] = json.loads(client.get_dashboard(DashboardName=name)["DashboardBody"])[
        "widgets"
    ]
    return found


def known_metrics(client: Any) -> list[Metric]:
    """All metrics of the account and region."""
    pages = client.get_paginator("list_metrics").paginate()
    return [
        Metric(
            each["Namespace"],
            each["MetricName"],
            {one["Name"]: one["Value"] for one in each.get("Dimensions", [])},
        )
        for page in pages
        for each in page["Metrics"]
    ]


def read(client: Any, wanted: Sequence[Line], window: Window) -> list[Points]:
    """The data of each line as (seconds since the window's begin, value), empty where there are none."""
    found: dict[int, dict[int, float]] = {number: {} for number in range(len(wanted))}
    queries = [_query(number, line, window) for number, line in enumerate(wanted) if line.metric is not None]
    for first in range(0, len(queries), QUERIES):
        answers = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries[first : first + QUERIES],
            StartTime=datetime.fromtimestamp(floor(window.begin), UTC),
            EndTime=datetime.fromtimestamp(window.end, UTC),
        )
        for result in (each for page in answers for each in page["MetricDataResults"]):
            times = (round(moment.timestamp()) for moment in result["Timestamps"])
            found[int(result["Id"][1:])] |= dict(zip(times, result["Values"], strict=True))
    return [_points(found[number], line.statistic, window) for number, line in enumerate(wanted)]


def states(client: Any, names: Sequence[str]) -> Mapping[str, str]:
    """The state of each alarm by its name."""
    pages = client.get_paginator("describe_alarms").paginate(AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    every = [alarm for page in pages for alarm in (*page["MetricAlarms"], *page["CompositeAlarms"])]
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in every if alarm["AlarmName"] in set(names)}


def _query(number: int, line: Line, window: Window) -> dict[str, Any]:
    metric = line.metric
    assert metric is not None
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]
    return {
        "Id": f"q{number}",
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": dimensions,
            },
            "Period": window.period(line.statistic),
            "Stat": line.statistic,
        },
    }


def _points(values: Mapping[int, float], statistic: str, window: Window) -> Points:
    """Of a count, a period without a datum is one in which nothing was counted."""
    period = window.period(statistic)
    moments: Sequence[int] = sorted(values)
    if values and statistic == SUM:
        moments = range(floor(window.begin / period) * period, floor(window.end) + 1, period)
    return [(max(0.0, moment - window.begin), values.get(moment, 0.0)) for moment in moments]
