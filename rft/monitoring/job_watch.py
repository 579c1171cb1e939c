"""What the reward function's metrics say of a job in total: rollouts, errors, cost."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rft import aws
from rft.monitoring import metrics
from rft.names import TRAIN, VALIDATION
from rft.runs.record import RunRecord

PERIOD_SECONDS: Final = 300  # CloudWatch keeps this resolution for 63 days
BUDGET_NOT_WATCHED: Final = (
    "the budget is not watched while the job trains, as no price of training is known; set "
    "prices.training_per_hour or prices.training_per_million_tokens in the environment's settings"
)


@dataclass(frozen=True, slots=True)
class History:
    """What was seen of a job: training rollouts, how many of them the reward failed on, and USD spent, or None where
    no price of training is known."""

    samples: int
    reward_errors: int
    spent_usd: float | None


def elapsed_seconds(record: RunRecord) -> float | None:
    """Seconds since the job was launched; None without a job."""
    if record.job is None:
        return None
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(record.job.launched_at)).total_seconds())


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
