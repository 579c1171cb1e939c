"""An alarm watches the metric with exactly its dimensions; MiniStack evaluates it on every dimension set."""

from typing import Any

from ministack.services import cloudwatch

from rehearsal.localaws.plugins import replace


def apply() -> None:
    replace(cloudwatch, "_evaluate_alarm", "a0b0acd3d432", _with_dimensions)


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
