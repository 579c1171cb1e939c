"""What CloudWatch knows of a running job's rewards, one point every five minutes."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rft import aws
from rft.monitoring import metrics
from rft.monitoring.trace import Point
from rft.names import TRAIN, VALIDATION
from rft.runs.record import RunRecord

PERIOD_SECONDS: Final = 300
_SERIES: Final[Mapping[str, tuple[str, str]]] = {
    "train_reward": (metrics.REWARD_MEAN, TRAIN),
    "validation_reward": (metrics.REWARD_MEAN, VALIDATION),
    "zero_signal_share": (metrics.REWARD_ZERO_SIGNAL_SHARE, TRAIN),
}


def read_points(record: RunRecord) -> list[Point]:
    """The points since the job was launched; a step is a period, `seconds` its end. Empty without a job."""
    if record.job is None:
        return []
    launched = datetime.fromisoformat(record.job.launched_at)
    found: dict[int, dict[str, float]] = {}
    pages = (
        aws.client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=[_query(record, field) for field in _SERIES],
            StartTime=launched - timedelta(seconds=PERIOD_SECONDS),
            EndTime=datetime.now(UTC) + timedelta(seconds=PERIOD_SECONDS),
            ScanBy="TimestampAscending",
        )
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                period = max(0, int((at - launched).total_seconds() // PERIOD_SECONDS))
                found.setdefault(period, {})[str(result["Id"])] = value
    return [
        Point(step=period, seconds=float((period + 1) * PERIOD_SECONDS), inferred=True, **values)
        for period, values in sorted(found.items())
    ]


def silent_seconds(record: RunRecord, points: list[Point], now: datetime) -> float | None:
    """Seconds since the last point, or since the launch when there is none; None without a job."""
    if record.job is None:
        return None
    running = (now - datetime.fromisoformat(record.job.launched_at)).total_seconds()
    return max(0.0, running - (points[-1].seconds or 0.0 if points else 0.0))


def _query(record: RunRecord, field: str) -> Any:
    name, split = _SERIES[field]
    dimensions = {
        metrics.USE_CASE: record.use_case,
        metrics.ENVIRONMENT: record.environment,
        metrics.RUN: record.run_id,
        metrics.SPLIT: split,
    }
    metric = {
        "Namespace": metrics.NAMESPACE,
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
    }
    return {"Id": field, "MetricStat": {"Metric": metric, "Period": PERIOD_SECONDS, "Stat": "Average"}}
