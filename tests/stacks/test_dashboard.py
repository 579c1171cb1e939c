"""The dashboard: in reading order, every graph with a title, a unit and colours that can be told apart."""

import json
from typing import Any

from stacks.constructs import dashboard_graphs
from tests.stacks.support import Template

GRAPHS = 18
PALETTE = {
    dashboard_graphs.BLUE,
    dashboard_graphs.ORANGE,
    dashboard_graphs.GREEN,
    dashboard_graphs.PURPLE,
    dashboard_graphs.SKY,
}


def widgets(template: Template) -> list[dict[str, Any]]:
    body = template.only("AWS::CloudWatch::Dashboard")["DashboardBody"]
    parts = body["Fn::Join"][1] if isinstance(body, dict) else [body]
    found: list[dict[str, Any]] = json.loads(
        "".join(
            part if isinstance(part, str) else next(iter(map(str, part.values()))).replace('"', "'")
            for part in parts
        )
    )["widgets"]
    return found


def test_every_graph_has_a_title_and_a_unit(use_case: Template) -> None:
    graphs = [item["properties"] for item in widgets(use_case) if item["type"] == "metric"]
    assert len(graphs) == len({graph["title"] for graph in graphs}) == GRAPHS
    for graph in graphs:
        assert graph["yAxis"]["left"]["label"], graph["title"]
        assert graph["yAxis"]["left"]["min"] == 0


def test_lines_of_a_graph_differ_in_colour_and_have_names(use_case: Template) -> None:
    for item in widgets(use_case):
        options = [
            metric[-1] for metric in item["properties"].get("metrics", []) if isinstance(metric[-1], dict)
        ]
        lines = [option for option in options if "expression" not in option]
        colours = [option["color"] for option in lines]
        assert set(colours) <= PALETTE
        assert len(set(colours)) == len(colours), item["properties"]["title"]
        assert all(option["label"] for option in lines)


def test_rewards_come_first_and_inference_last(use_case: Template) -> None:
    titles = [item["properties"].get("title", "") for item in widgets(use_case)]
    order = [
        "Alarms",
        "Reward in training",
        "Prompts without",
        "Reward function",
        "Runs",
        "Cost",
        "Inference",
    ]
    places = [next(n for n, title in enumerate(titles) if title.startswith(word)) for word in order]
    assert places == sorted(places)


def test_the_page_shows_all_alarms_and_the_commands(use_case: Template) -> None:
    first, second, *_ = widgets(use_case)
    assert "rft runs report RUN" in first["properties"]["markdown"]
    made = len(use_case.of("AWS::CloudWatch::Alarm")) + len(use_case.of("AWS::CloudWatch::CompositeAlarm"))
    assert len(second["properties"]["alarms"]) == made


def test_curves_of_runs_are_found_by_search(use_case: Template) -> None:
    text = json.dumps(widgets(use_case))
    assert "SEARCH('{RFT,environment,run,split,use_case}" in text
    assert "SEARCH('{AWS/Bedrock,ModelId}" in text
