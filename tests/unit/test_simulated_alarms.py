"""When the local AWS lets an alarm ring: its periods in scaled time, and what silence means."""

from typing import Any

import pytest

from rehearsal.localaws.alarm_state import SHORTEST_PERIOD_SECONDS, last_periods, state_of

NOW = 1_000_000.0


def alarm(**changes: Any) -> dict[str, Any]:
    return {
        "MetricName": "m",
        "Period": 600,
        "EvaluationPeriods": 1,
        "Threshold": 2.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    } | changes


def state(values: list[float | None], **changes: Any) -> str | None:
    found = state_of(alarm(**changes), values)
    return found and found[0]


@pytest.mark.parametrize(
    ("operator", "low", "equal", "high"),
    [
        ("GreaterThanOrEqualToThreshold", "OK", "ALARM", "ALARM"),
        ("GreaterThanThreshold", "OK", "OK", "ALARM"),
        ("LessThanThreshold", "ALARM", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "ALARM", "OK"),
        ("GreaterThanUpperThreshold", None, None, None),  # of a band, which is not evaluated
    ],
)
def test_a_value_is_compared_with_the_threshold(
    operator: str, low: str | None, equal: str | None, high: str | None
) -> None:
    assert [state([value], ComparisonOperator=operator) for value in (1, 2, 3)] == [low, equal, high]


@pytest.mark.parametrize(
    ("missing", "wanted"),
    [("notBreaching", "OK"), ("breaching", "ALARM"), ("missing", "INSUFFICIENT_DATA"), ("ignore", None)],
)
def test_silence_is_what_the_alarm_says(missing: str, wanted: str | None) -> None:
    assert state([None], TreatMissingData=missing) == wanted


def test_as_many_periods_must_breach_as_the_alarm_says() -> None:
    assert state([5, 5, 1], EvaluationPeriods=3) == "OK"
    assert state([5, 5, 5], EvaluationPeriods=3) == "ALARM"
    assert state([5, 5, 1], EvaluationPeriods=3, DatapointsToAlarm=2) == "ALARM"
    assert state([5, None, None], EvaluationPeriods=3) == "OK"
    assert state([5, None, None], EvaluationPeriods=3, TreatMissingData="breaching") == "ALARM"


def test_the_reason_has_value_and_threshold() -> None:
    found = state_of(alarm(), [2.5])
    assert found == ("ALARM", "m was 2.5: 1 of 1 datapoints GreaterThanOrEqualToThreshold 2")


def point(age: float, value: float = 1, unit: str = "None") -> dict[str, Any]:
    return {"Timestamp": NOW - age, "Value": value, "Unit": unit}


def ages(periods: list[list[dict[str, Any]]]) -> list[list[float]]:
    return [[round(NOW - one["Timestamp"], 3) for one in period] for period in periods]


def test_a_period_is_as_much_shorter_as_time_is_faster() -> None:
    points = [point(age) for age in (-1, 0, 5.9, 6.1, 599, 601)]
    assert ages(last_periods(alarm(), points, NOW, 0.01)) == [[-1, 0, 5.9]]
    assert ages(last_periods(alarm(), points, NOW, 1)) == [[-1, 0, 5.9, 6.1, 599]]
    two = last_periods(alarm(EvaluationPeriods=2), points, NOW, 0.01)
    assert ages(two) == [[-1, 0, 5.9], [6.1]]


@pytest.mark.parametrize("scale", [0, 0.0001])
def test_a_period_never_gets_shorter_than_functions_take(scale: float) -> None:
    points = [point(SHORTEST_PERIOD_SECONDS - 0.1), point(SHORTEST_PERIOD_SECONDS + 0.1)]
    assert len(last_periods(alarm(), points, NOW, scale)[0]) == 1


def test_seconds_count_in_simulated_time_and_nothing_else_does() -> None:
    points = [point(1, 20, "Seconds"), point(1, 20, "Milliseconds"), point(1, 20)]
    (period,) = last_periods(alarm(), points, NOW, 0.01)
    assert [one["Value"] for one in period] == [2000, 20, 20]
