"""When an alarm rings, as CloudWatch decides it: pure functions of what its metric says in its last periods."""

from collections.abc import Callable, Mapping, Sequence
from operator import ge, gt, le, lt
from types import MappingProxyType
from typing import Any, Final

SHORTEST_PERIOD_SECONDS: Final = (
    2.0  # real: functions are not faster in scaled time, so neither are their data
)
SMALLEST_SCALE: Final = 1e-6
BREACHES: Final[Mapping[str, Callable[[float, float], bool]]] = MappingProxyType(
    {
        "GreaterThanOrEqualToThreshold": ge,
        "GreaterThanThreshold": gt,
        "LessThanThreshold": lt,
        "LessThanOrEqualToThreshold": le,
    }
)
WITHOUT_DATA: Final = MappingProxyType(
    {"notBreaching": "OK", "breaching": "ALARM", "missing": "INSUFFICIENT_DATA"}
)
Point = dict[str, Any]


def state_of(alarm: Mapping[str, Any], values: Sequence[float | None]) -> tuple[str, str] | None:
    """The state of an alarm (as `PutMetricAlarm` takes it) and the reason; None when it keeps its state.

    Args:
        values: the statistic in each of the last periods; None where there is no datum.
    """
    breaches = BREACHES.get(alarm["ComparisonOperator"])
    if breaches is None:
        return None
    known = [value for value in values if value is not None]
    missing = alarm.get("TreatMissingData", "missing")
    if not known:
        state = WITHOUT_DATA.get(missing)
        return (
            None
            if state is None
            else (state, f"no datapoint in the last {len(values)}, treated as {missing}")
        )
    threshold = alarm["Threshold"]
    count = sum(breaches(value, threshold) for value in known)
    if missing == "breaching":
        count += len(values) - len(known)
    reason = (
        f"{alarm['MetricName']} was {', '.join(f'{value:g}' for value in known)}: {count} of {len(values)} "
        f"datapoints {alarm['ComparisonOperator']} {threshold:g}"
    )
    return "ALARM" if count >= alarm.get("DatapointsToAlarm", len(values)) else "OK", reason


def last_periods(
    alarm: Mapping[str, Any], points: Sequence[Point], now: float, scale: float
) -> list[list[Point]]:
    """The data of each of an alarm's last periods, the newest first, in simulated seconds.

    Args:
        points: each with `Timestamp` (epoch seconds), `Unit` and `Value`.
        scale: real seconds of one simulated second.
    """
    scale = max(scale, SMALLEST_SCALE)
    period = max(alarm["Period"] * scale, SHORTEST_PERIOD_SECONDS)
    found: list[list[Point]] = [[] for _ in range(alarm["EvaluationPeriods"])]
    for point in points:
        # a function's clock can be a little ahead
        number = int(max(0.0, now - point["Timestamp"]) / period)
        if number < len(found):
            found[number].append(_simulated(point, scale))
    return found


def _simulated(point: Point, scale: float) -> Point:
    """Functions measure seconds in real time, thresholds are in simulated ones."""
    return {**point, "Value": point["Value"] / scale} if point["Unit"] == "Seconds" else point
