"""A dashboard as a page: its lines, its layout, its data."""

from typing import Any

import pytest

from rehearsal.dashboard_data import Window
from rehearsal.dashboard_lines import Line, Metric, lines
from rehearsal.dashboard_page import Alarm, Data, panels, render

KNOWN = [
    Metric("RFT", "RewardMean", {"use_case": "sums", "run": "r1", "split": "train"}),
    Metric("RFT", "RewardMean", {"use_case": "sums", "run": "r2", "split": "train"}),
    Metric("RFT", "RewardMean", {"use_case": "sums", "run": "r1", "split": "validation"}),
    Metric("RFT", "RewardMean", {"use_case": "sums"}),
    Metric("Other", "RewardMean", {"use_case": "sums", "run": "r3", "split": "train"}),
]
SEARCHED = (
    'SEARCH(\'{RFT,use_case,run,split} MetricName="RewardMean" use_case="sums" split="train"\', \'Average\')'
)


def widget(*metrics: list[Any], **properties: Any) -> dict[str, Any]:
    axis = {"left": {"label": "mean reward", "min": 0, "max": 1}}
    return {
        "type": "metric", "x": 0, "y": 6, "width": 8, "height": 6,
        "properties": {"title": "Reward", "metrics": list(metrics), "yAxis": axis, **properties},
    }  # fmt: skip


def alarms(*names: str) -> dict[str, Any]:
    arns = [f"arn:aws:cloudwatch:us-east-1:1:alarm:{name}" for name in names]
    return {
        "type": "alarm", "x": 8, "y": 0, "width": 16, "height": 6, "properties": {"title": "Alarms", "alarms": arns}
    }  # fmt: skip


def test_a_search_finds_the_metrics_with_exactly_its_dimensions_and_terms() -> None:
    found = lines(widget([{"expression": SEARCHED, "label": "${PROP('Dim.run')}"}]), KNOWN)
    assert [(line.label, line.statistic, line.metric) for line in found] == [
        ("r1", "Average", KNOWN[0]),
        ("r2", "Average", KNOWN[1]),
    ]
    assert found[0].style != found[1].style


def test_a_search_without_metrics_and_metric_math_keep_their_place_in_the_legend() -> None:
    found = lines(
        widget([{"expression": SEARCHED}], [{"expression": "FILL(m1, REPEAT)", "label": "open"}]), []
    )
    assert [(line.label, line.metric, line.evaluated) for line in found] == [
        ("RewardMean", None, True),
        ("open", None, False),
    ]


@pytest.mark.parametrize("term", ['use_case="sum"', "MetricName=x", "sums nothing"])
def test_a_term_that_does_not_hold_finds_nothing(term: str) -> None:
    expression = SEARCHED.replace('use_case="sums"', term)
    assert [line.metric for line in lines(widget([{"expression": expression}]), KNOWN)] == [None]


def test_with_data_there_are_charts_states_and_what_is_missing() -> None:
    shown = [
        widget(["RFT", "RewardMean", {"label": "training"}]),
        alarms("rft-a-slow", "rft-a-drop"),
        widget(),
    ]
    drawn = [lines(each, []) for each in shown]
    found = {
        "rft-a-slow": Alarm("rft-a-slow", "OK", rang=True),
        "rft-a-drop": Alarm("rft-a-drop", "ALARM"),
    }
    window = Window(100.0, 130.0, 0.01)
    data = Data(window, [[[(0.0, 0.4), (12.0, 0.8)]], [], []], found)
    page = render("sums", panels(shown, drawn, data), lead="it ended", window=window)
    for text in (
        "Simulated model",
        "it ended",
        "seconds since the upload",
        "mean reward",
        "in alarm",
        "no data",
    ):
        assert text in page
    assert "rang, is over" in page
    assert "counts 3 s" in page
    assert page.index("Alarms") < page.index("Reward")  # in reading order


def test_without_data_the_layout_is_drawn_with_names_and_axes() -> None:
    shown = [widget(["RFT", "RewardMean", {"label": "training"}])]
    page = render("sums", panels(shown, [[Line("training", 0)]]))
    assert "Layout only" in page
    assert "mean reward, from 0 to 1" in page
    assert "<polyline" not in page
