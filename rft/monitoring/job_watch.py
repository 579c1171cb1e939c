"""What the reward function's metrics say about a running job, for the stop policy."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rft import aws
from rft.monitoring import metrics
from rft.monitoring.stop_policy import History
from rft.names import TRAIN, VALIDATION
from rft.runs.record import RunRecord

PERIOD_SECONDS: Final = 300  # CloudWatch keeps this resolution for 63 days


def history(record: RunRecord, until: datetime | None = None) -> History:
    """Rollouts and reward errors of the run since its job was launched, and what training has cost until now.

    Args:
        until: when the job ended, which the price of an hour is for; None for a running job.
    """
    seen = {
        (name, split): _sum(record, name, split)
        for name in (metrics.SAMPLES, metrics.REWARD_ERRORS)
        for split in (TRAIN, VALIDATION)
    }
    rollouts = seen[metrics.SAMPLES, TRAIN] + seen[metrics.SAMPLES, VALIDATION]
    return History(
        samples=int(seen[metrics.SAMPLES, TRAIN]),
        reward_errors=int(seen[metrics.REWARD_ERRORS, TRAIN]),
        spent_usd=training_usd(record, rollouts, until or datetime.now(UTC)),
    )


def training_usd(record: RunRecord, rollouts: float, until: datetime) -> float | None:
    """What so many rollouts, or the hours since the launch, cost at the forecast's price; None when it has none."""
    estimate = record.estimate
    if estimate is None:
        return None
    if estimate.training_usd_per_rollout is not None:
        return rollouts * estimate.training_usd_per_rollout
    if estimate.training_usd_per_hour is None or record.job is None:
        return None
    hours = (until - datetime.fromisoformat(record.job.launched_at)).total_seconds() / 3600
    return max(0.0, hours) * estimate.training_usd_per_hour


def _sum(record: RunRecord, name: str, split: str) -> float:
    dimensions = {
        metrics.USE_CASE: record.use_case,
        metrics.ENVIRONMENT: record.environment,
        metrics.RUN: record.run_id,
        metrics.SPLIT: split,
    }
    query: dict[str, Any] = {
        "Id": "total",
        "MetricStat": {
            "Metric": {
                "Namespace": metrics.NAMESPACE,
                "MetricName": name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
            },
            "Period": PERIOD_SECONDS,
            "Stat": "Sum",
        },
    }
    launched = datetime.fromisoformat(record.job.launched_at) if record.job else datetime.now(UTC)
    pages = (
        aws.client("cloudwatch")
        .get_paginator("get_metric_data")
        .paginate(
            MetricDataQueries=[query],
            StartTime=launched - timedelta(seconds=PERIOD_SECONDS),
            EndTime=datetime.now(UTC) + timedelta(seconds=PERIOD_SECONDS),
        )
    )
    return sum(sum(result["Values"]) for page in pages for result in page["MetricDataResults"])
