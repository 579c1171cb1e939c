"""The page on a deployed dashboard: its body, its data and its alarms, as the local CloudWatch has them."""

from collections.abc import Collection
from typing import Any

from rehearsal import dashboard_data as cloudwatch
from rehearsal.dashboard_data import Window
from rehearsal.dashboard_lines import lines
from rehearsal.dashboard_page import Alarm, Data, alarm_name, panels, render


def page(client: Any, name: str, window: Window, *, rang: Collection[str], lead: str) -> str:
    """The HTML text.

    Args:
        client: of CloudWatch.
        rang: names of the alarms that were in alarm in the window.
        lead: what happened, in a sentence.
    """
    widgets = cloudwatch.body(client, name)
    known = cloudwatch.known_metrics(client)
    drawn = [lines(widget, known) for widget in widgets]
    values = iter(cloudwatch.read(client, [line for each in drawn for line in each], window))
    points = [[next(values) for _ in each] for each in drawn]
    names = [alarm_name(arn) for widget in widgets for arn in widget["properties"].get("alarms", [])]
    alarms = {
        each: Alarm(each, state, each in rang) for each, state in cloudwatch.states(client, names).items()
    }
    return render(name, panels(widgets, drawn, Data(window, points, alarms)), lead=lead, window=window)
