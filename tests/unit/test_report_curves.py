"""Charts: only what has data, inside the frame, with decisions where they were taken."""

import pytest

from rft.monitoring import curve
from rft.monitoring.curve_points import points_of_curve
from rft.monitoring.trace import Point
from rft.runs.chart import Mark, Series, line_chart, round_step
from rft.runs.cost_scale import cost_scale
from rft.runs.curves import charts, decisions
from rft.runs.record import StopAdvice, StopReason
from tests.unit.report_world import JOB, POINTS, record


def advised(at: str, enforced: bool = False) -> StopAdvice:
    return StopAdvice(at=at, action="warn", reason="budget", enforced=enforced)


def test_a_curve_without_data_has_no_chart() -> None:
    found = [chart.title for chart in charts(record(), POINTS)]
    assert found == ["Reward", "Components of the reward", "Prompts without signal", "Episode length"]
    assert charts(record(), []) == []
    more = [Point(step=1, policy_entropy=1.2, grad_norm=0.3, reward_error_rate=0.1)]
    assert [chart.title for chart in charts(record(), more)] == [
        "Policy entropy",
        "Gradient norm",
        "Errors of the reward",
    ]


def test_success_by_step_has_a_chart_of_its_own() -> None:
    told = [
        Point(step=step, components={"form": 0.9, "step_1": 0.8, "step_2": 0.1, "step_accuracy": 0.5})
        for step in (1, 2)
    ]
    parts, steps = charts(record(), told)
    assert (parts.title, [line.name for line in parts.lines]) == (
        "Components of the reward",
        ["form", "step accuracy"],
    )
    assert (steps.title, [line.name for line in steps.lines]) == ("Success by step", ["step 1", "step 2"])


def test_a_decision_stands_at_its_own_step_and_names_the_first_of_many_findings() -> None:
    reasons = [
        StopReason(detector=name, statistic=9, threshold=5, words="w", source="s", enforced=True)
        for name in ("reward_fall", "policy_drift", "plateau")
    ]
    advice = advised("2026-01-01T00:20:30.000Z").model_copy(update={"step": 7, "reasons": reasons})
    (mark,) = decisions(record(advice=advice, job=JOB), POINTS)
    assert mark == Mark(7, "warn: reward fall and 2 more")


def test_every_chart_has_a_unit_and_says_how_to_read_it() -> None:
    for chart in charts(record(), POINTS):
        assert chart.unit
        assert chart.hint
        assert len({line.style for line in chart.lines}) == len(chart.lines)


@pytest.mark.parametrize(
    ("at", "step"), [("2026-01-01T00:20:30.000Z", 20), ("2026-01-01T00:00:01.000Z", 1), ("2026-01-02T00:00:00Z", 40)]
)  # fmt: skip
def test_a_decision_stands_at_the_step_of_its_time(at: str, step: int) -> None:
    (mark,) = decisions(record(advice=advised(at), job=JOB), POINTS)
    assert mark == Mark(step, "warn: budget")
    assert decisions(record(job=JOB), POINTS) == []


def test_a_chart_keeps_every_point_inside_its_frame() -> None:
    chart = line_chart("t", [Series("training", [(0, -1), (10, 2)])], unit="u", y_range=(0.0, 1.0))
    for x, y in chart.lines[0].dots:
        assert chart.left <= x <= chart.right
        assert chart.top <= y <= chart.bottom


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        (620, ["0", "200", "400", "600", "800"]),
        (1.2, ["0", "0.5", "1", "1.5"]),
        (0.004, ["0", "0.001", "0.002", "0.003", "0.004"]),
        (0, ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
    ],
)
def test_an_axis_ends_at_a_round_number_above_the_data(highest: float, labels: list[str]) -> None:
    chart = line_chart("t", [Series("s", [(1, highest)])], unit="u")
    assert [label for _, label in chart.y_ticks] == labels
    assert all(chart.top <= y <= chart.bottom for _, y in chart.lines[0].dots)


@pytest.mark.parametrize(("span", "step"), [(3808, 1000), (50, 10), (61, 20), (1, 0.2), (0.5, 0.1)])
def test_an_axis_has_round_steps(span: float, step: float) -> None:
    assert round_step(span) == pytest.approx(step)


def test_the_smoothed_curve_becomes_points_by_step() -> None:
    training = [curve.Point(32 * n, 1000 * n, n / 100, 0.1, 0, 200) for n in range(1, 50)]
    validation = [curve.Point(24 * n, 10_000 * n, 0.5 + n / 20, 0.1, 0, 200) for n in range(1, 5)]
    points = points_of_curve({"train": training, "validation": validation}, rollouts_a_step=64)
    assert [point.step for point in points] == list(range(25))
    assert points[5].train_reward == 0.11  # the last rollouts of a step are its value
    assert points[5].validation_reward == 0.55  # both at second 10
    assert points[5].episode_length == 50
    assert points_of_curve({"test": training}) == []


def test_the_scale_of_costs_ends_at_the_largest_amount() -> None:
    scale = cost_scale(record(spent_usd=100.0))
    assert scale is not None
    assert (scale.spent, scale.budget, scale.expected) == (100.0, 50.0, 31.2)
    assert cost_scale(record(estimate=None)) is None
