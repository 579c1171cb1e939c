"""Alarms as CloudWatch evaluates them, in the rehearsal's scaled time.

MiniStack evaluates an alarm on every dimension set of its metric, only when a datum arrives, as one window, and in
real time. Here an alarm watches exactly its dimensions, period by period, also while nothing arrives. Alarms of a
template on metric math, which MiniStack refuses, are made and never evaluated.
"""

import threading
import time
from typing import Any, Final

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from rehearsal.localaws import metrics
from rehearsal.localaws.alarm_state import Point, last_periods, state_of
from rehearsal.localaws.identity import clock_scale
from rehearsal.localaws.plugins import replace

NOT_EVALUATED: Final = {"Namespace": "rehearsal", "MetricName": "metric math"}
INTERVAL_SECONDS: Final = 0.25  # real


def apply() -> None:
    replace(cloudwatch, "_evaluate_alarm", "a0b0acd3d432", lambda _: evaluate)
    replace(provisioners, "_cw_metric_alarm_record", "4565fcede1eb", _with_math)
    threading.Thread(target=_evaluate_always, name="alarms", daemon=True).start()


def _with_math(make_record: Any) -> Any:
    def make(name: str, props: dict[str, Any]) -> Any:
        simple = {key: value for key, value in props.items() if key != "Metrics"}
        return make_record(name, {**simple, **NOT_EVALUATED} if "Metrics" in props else props)

    return make


def _evaluate_always() -> None:
    """Time alone ends an alarm whose metric has no data any more."""
    while True:
        time.sleep(INTERVAL_SECONDS)
        with metrics.writing:
            cloudwatch._evaluate_all_alarms()


def evaluate(alarm: dict[str, Any]) -> None:
    """Put an alarm into the state that its last periods give it; on a change act as MiniStack does."""
    if alarm["MetricName"] == NOT_EVALUATED["MetricName"]:
        return
    with metrics.writing:
        periods = last_periods(alarm, _stored(alarm), time.time(), clock_scale())
        found = state_of(alarm, [_statistic(alarm, points) for points in periods])
        before = alarm["StateValue"]
        if found is None or found[0] == before:
            return
        state, reason = found
        alarm.update(StateValue=state, StateReason=reason, StateUpdatedTimestamp=int(time.time()))
        cloudwatch._record_history(alarm["AlarmName"], before, state, reason)
        cloudwatch._dispatch_alarm_actions(alarm, before, state, reason)
        cloudwatch._evaluate_parent_alarms(alarm)


def _stored(alarm: dict[str, Any]) -> list[Point]:
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
    key = (alarm.get("Namespace"), alarm.get("MetricName"), dimensions)
    return list(cloudwatch._metrics.get(key) or [])


def _statistic(alarm: dict[str, Any], points: list[Point]) -> float | None:
    if not points:
        return None
    name = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    value: float | None = cloudwatch._stat_value(cloudwatch._calc_stats(points), name, points)
    return value
