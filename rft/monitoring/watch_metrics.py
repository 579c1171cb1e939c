"""What the watch loop reports of a running job for alarms and dashboard."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rft.monitoring import workflow_metrics as names
from rft.monitoring.health import health
from rft.monitoring.trace import Point
from rft.names import VALIDATION
from rft.runs.record import RunRecord


def report(record: RunRecord, points: Sequence[Point], spent_usd: float | None) -> None:
    """Emit the health of the run's training, how long nothing was scored, and what of its budget is spent."""
    validated = record.prepared.get(VALIDATION)
    found = health(points, validated.records if validated else None)
    budget = record.settings.run_budget_usd
    names.emit(
        {
            names.REWARD_DROP: found.reward_drop,
            names.VALIDATION_DROP: found.validation_drop,
            names.ZERO_SIGNAL_SHARE: found.zero_signal_share,
            names.SIGNAL_LOST: found.signal_lost,
            names.REWARD_ERROR_SHARE: found.reward_error_share,
            names.POLICY_ENTROPY: found.policy_entropy,
            names.SILENT_SECONDS: silent_seconds(record, points, datetime.now(UTC)),
            names.SPENT_USD: spent_usd,
            names.BUDGET_SHARE: None if spent_usd is None else spent_usd / budget,
        },
        use_case=record.use_case,
        environment=record.environment,
    )


def silent_seconds(record: RunRecord, points: Sequence[Point], now: datetime) -> float | None:
    """Seconds since the last point, or since the launch when there is none; None without a job."""
    if record.job is None:
        return None
    running = (now - datetime.fromisoformat(record.job.launched_at)).total_seconds()
    seen = [point.seconds for point in points if point.seconds is not None]
    return max(0.0, running - max(seen, default=0.0))
