"""What the watch loop reports of a running job for alarms and dashboard."""

from datetime import UTC, datetime

from rft.monitoring import live_points
from rft.monitoring import workflow_metrics as names
from rft.monitoring.health import health
from rft.runs.record import RunRecord


def report(record: RunRecord, spent_usd: float | None) -> None:
    """Emit the health of the run's training, how long nothing was scored, and what of its budget is spent."""
    points = live_points.read_points(record)
    found = health(points)
    budget = record.settings.run_budget_usd
    names.emit(
        {
            names.REWARD_DROP: found.reward_drop,
            names.VALIDATION_DROP: found.validation_drop,
            names.ZERO_SIGNAL_SHARE: found.zero_signal_share,
            names.POLICY_ENTROPY: found.policy_entropy,
            names.SILENT_SECONDS: live_points.silent_seconds(record, points, datetime.now(UTC)),
            names.SPENT_USD: spent_usd,
            names.BUDGET_SHARE: None if spent_usd is None else spent_usd / budget,
        },
        use_case=record.use_case,
        environment=record.environment,
    )
