"""What the reward function's metrics say about a running job, for the stop policy."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rft import aws
from rft.monitoring import metrics
from rft.monitoring.stop_policy import History
from rft.names import TRAIN, VALIDATION
from rft.runs.record import RunRecord

PERIOD_SECONDS: Final = 300  # CloudWatch keeps this resolution for 63 days


def history(record: RunRecord) -> History:
    """Rollouts and reward errors of the run since its job was launched, and what they have cost."""
    seen = {
        (name, split): _sum(record, name, split)
        for name in (metrics.SAMPLES, metrics.REWARD_ERRORS)
        for split in (TRAIN, VALIDATION)
    }
    rollouts = seen[metrics.SAMPLES, TRAIN] + seen[metrics.SAMPLES, VALIDATION]
    return History(
        samples=int(seen[metrics.SAMPLES, TRAIN]),
        reward_errors=int(seen[metrics.REWARD_ERRORS, TRAIN]),
        spent_usd=rollouts * usd_per_rollout(record),
    )


def usd_per_rollout(record: RunRecord) -> float:
    """The estimate's training cost a rollout."""
    if record.estimate is None or not record.estimate.rollouts:
        return 0.0
    training = sum(line.usd for line in record.estimate.lines if line.what == "training")
    return training / record.estimate.rollouts


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
