"""WatchTraining: looks at the job and its rewards, keeps the slot, stops what does harm."""

from math import ceil
from typing import Any, Final

from rft.errors import TrainingFailed
from rft.monitoring import live_trace, watch_metrics
from rft.monitoring.job_watch import BUDGET_NOT_WATCHED, elapsed_seconds
from rft.monitoring.pace import next_look_seconds
from rft.monitoring.policy import Limits, decide
from rft.runs import stopping
from rft.runs.slot_keeping import keep_slot
from rft.runs.step import Event, Run, workflow_step

ERROR_POINTS: Final = 5  # steps whose median error rate counts, at most
REWARD_FOLDER: Final = "reward"


@workflow_step("WatchTraining")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the job's status, the stop policy's decision and when to look next."""
    job = run.record.job
    if job is None:
        raise TrainingFailed("the run has no customization job; submit the dataset again")
    keep_slot(run)
    state = run.engine.describe(job.arn)
    seen = {"status": state.status, "model_arn": state.model_arn, "failure_message": state.failure_message}
    run.set("job", job.model_copy(update={**seen, "ended_at": state.ended_at}))
    if state.status == "Failed":
        raise TrainingFailed(f"job {job.name} failed: {state.failure_message or 'Bedrock gives no reason'}")
    log_group = run.config.names.log_group(REWARD_FOLDER)
    known = live_trace.follow(run.record, run.bucket, run.keys, log_group, run.engine.metrics(job.arn))
    soon = next_look_seconds(known, run.record.settings.workflow.watch_interval_seconds)
    if state.status in {"Stopping", "Stopped"}:
        status = stopping.stopped(run, state)
        return {"status": status, "decision": "continue", "next_look_seconds": soon}
    if state.is_over:
        return {"status": state.status, "decision": "continue", "next_look_seconds": soon}
    if live_trace.shape_of(run.record).cost(0, 0) is None and BUDGET_NOT_WATCHED not in run.record.notes:
        run.store.note(run.id, BUDGET_NOT_WATCHED)
    spent = max((point.cost_usd for point in known if point.cost_usd is not None), default=None)
    watch_metrics.report(run.record, known, spent)
    decision = decide(known, run.engine.capabilities, limits(run))
    stopping.act(run, state, decision)
    return {"status": "InProgress", "decision": decision.action, "next_look_seconds": soon}


def limits(run: Run) -> Limits:
    """The run's limits; an error rate is believed after `watch.min_samples` rollouts, or five steps."""
    steps = ceil(run.settings.watch.min_samples / live_trace.shape_of(run.record).rollouts_a_step)
    return Limits.of(
        run.settings.watch,
        run.record.settings.run_budget_usd,
        elapsed_seconds=elapsed_seconds(run.record),
        error_points=min(ERROR_POINTS, steps),
    )
