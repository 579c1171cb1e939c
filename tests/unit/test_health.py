"""The numbers that alarms compare, and the line that carries them."""

import json
import random
from datetime import UTC, datetime
from statistics import fmean

import pytest

from rft.monitoring import workflow_metrics
from rft.monitoring.health import health
from rft.monitoring.trace import Point
from rft.monitoring.watch_metrics import report, silent_seconds
from stacks.constructs.alerts.training import VALIDATION_DROP
from tests.unit.report_world import JOB, POINTS, record


def rewards(*values: float) -> list[Point]:
    return [Point(step=step, train_reward=value) for step, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "drop"),
    [
        ((0.5, 0.5, 0.5, 0.8, 0.8, 0.8), 0.0),
        ((0.8,) * 6 + (0.2,) * 3, 0.75),
        ((0.8,) * 6 + (0.8, 0.1, 0.8), 0.2917),
        ((0.8, 0.8, 0.1), None),
        ((0.0,) * 9, None),
    ],
    ids=["rises", "collapses", "one bad point", "too short", "never earned anything"],
)
def test_a_collapse_is_measured_against_the_recent_level(
    values: tuple[float, ...], drop: float | None
) -> None:
    found = health(rewards(*values)).reward_drop
    assert found == (None if drop is None else pytest.approx(drop, abs=1e-3))


@pytest.mark.parametrize(("reward", "lost"), [(0.6, 0.9), (0.84, 0.9), (0.86, 0.0), (None, 0.9)])
def test_prompts_without_signal_are_a_loss_only_while_there_is_something_to_learn(
    reward: float | None, lost: float
) -> None:
    found = health([Point(step=step, train_reward=reward, zero_signal_share=0.9) for step in range(20)])
    assert found.zero_signal_share == pytest.approx(0.9)
    assert found.signal_lost == pytest.approx(lost)
    assert health(rewards(0.9)).signal_lost is None


def test_an_old_level_is_forgotten() -> None:
    assert health(rewards(*(0.9,) * 5, *(0.3,) * 15)).reward_drop == pytest.approx(0)


def test_validation_is_compared_with_its_best() -> None:
    points = [
        Point(step=n, validation_reward=value) for n, value in enumerate((0.5, 0.8, 0.8, 0.8, 0.6, 0.5))
    ]
    assert health(points).validation_drop == pytest.approx(0.25)
    assert health(points, 1000).validation_drop == pytest.approx(0.25 - 2.5 * 0.0115, abs=1e-3)
    assert health(points, 40).validation_drop == pytest.approx(0.25 - 2.5 * 0.0577, abs=1e-3)
    assert health(points[:4]).validation_drop is None
    rising = [Point(step=n, validation_reward=n / 10) for n in range(9)]
    assert health(rising, 40).validation_drop == 0


def test_chance_alone_rings_no_validation_alarm() -> None:
    draw = random.Random(7)
    rang = 0
    for _ in range(200):
        means = [fmean(draw.random() < 0.8 for _ in range(40)) for _ in range(30)]
        points = [Point(step=n, validation_reward=mean) for n, mean in enumerate(means)]
        rang += any((health(points[:n], 40).validation_drop or 0) >= VALIDATION_DROP for n in range(5, 31))
    assert rang <= 6


def test_entropy_is_unknown_where_none_is_published() -> None:
    assert health(POINTS).policy_entropy is None
    assert health([Point(step=1, policy_entropy=0.9), Point(step=2, train_reward=1)]).policy_entropy == 0.9


def test_the_worst_of_the_recent_steps_says_how_often_the_reward_fails() -> None:
    def failing(*rates: float | None) -> float | None:
        return health(
            [Point(step=n, reward_error_rate=rate) for n, rate in enumerate(rates)]
        ).reward_error_share

    assert failing(0.0, 0.0, 0.4, 0.1, 0.0) == 0.4
    assert failing(1.0, 0.0, 0.0, 0.1) == 0.1
    assert failing(0.0, 0.5, None, None) == 0.5
    assert failing(None) is None


def test_silence_counts_from_the_launch_until_something_is_scored() -> None:
    now = datetime(2026, 1, 1, 3, tzinfo=UTC)
    running = record(job=JOB)
    assert silent_seconds(running, [], now) == 3 * 3600
    assert silent_seconds(running, POINTS, now) == 3 * 3600 - 2400
    assert silent_seconds(record(), POINTS, now) is None


def test_a_line_has_the_known_metrics_and_two_dimensions(capsys: pytest.CaptureFixture[str]) -> None:
    report(record(job=JOB), POINTS, 40.0)
    document = json.loads(capsys.readouterr().out)
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "RFT"
    assert [sorted(names) for names in directive["Dimensions"]] == [["environment", "use_case"]]
    found = {metric["Name"] for metric in directive["Metrics"]}
    assert found == set(workflow_metrics.UNITS) - {
        "SlotWaitSeconds",
        "OpenApprovals",
        "PolicyEntropy",
        "StableReward",
    }
    assert document["BudgetShare"] == [0.8]


def test_nothing_known_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    workflow_metrics.emit({workflow_metrics.SPENT_USD: None}, use_case="u", environment="e")
    assert capsys.readouterr().out == ""
