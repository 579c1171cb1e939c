"""An alarm watches the metric with exactly its dimensions; MiniStack evaluates it on every dimension set. Alarms of a
template on metric math, which MiniStack refuses, are made and never evaluated."""

from typing import Any, Final

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from rehearsal.localaws.plugins import replace

NOT_EVALUATED: Final = {"Namespace": "rehearsal", "MetricName": "metric math"}


def apply() -> None:
    replace(cloudwatch, "_evaluate_alarm", "a0b0acd3d432", _with_dimensions)
    replace(provisioners, "_cw_metric_alarm_record", "4565fcede1eb", _with_math)


def _with_math(make_record: Any) -> Any:
    def make(name: str, props: dict[str, Any]) -> Any:
        simple = {key: value for key, value in props.items() if key != "Metrics"}
        return make_record(name, {**simple, **NOT_EVALUATED} if "Metrics" in props else props)

    return make


class _OneMetric:
    """Stands in for the metric store while one alarm is evaluated: shows that alarm's metric only."""

    def __init__(self, store: Any, dimensions: str) -> None:
        self._store, self._dimensions = store, dimensions

    def items(self) -> list[tuple[Any, Any]]:
        return [
            (key, list(points)) for key, points in list(self._store.items()) if key[2] == self._dimensions
        ]


def _with_dimensions(evaluate_alarm: Any) -> Any:
    code, scope = evaluate_alarm.__code__, evaluate_alarm.__globals__

    def evaluate(alarm: dict[str, Any]) -> None:
        wanted = cloudwatch._dims_key(cloudwatch._dims_from_list(alarm.get("Dimensions") or []))
        view = dict(scope, _metrics=_OneMetric(cloudwatch._metrics, wanted))
        type(evaluate_alarm)(code, view, evaluate_alarm.__name__, evaluate_alarm.__defaults__)(alarm)

    return evaluate
