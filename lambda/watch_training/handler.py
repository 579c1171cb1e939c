"""WatchTraining: looks at the job and its rewards, keeps the slot, stops what does harm."""

from typing import Any

from rft import aws
from rft.engines.base import JobState
from rft.errors import TrainingFailed, TrainingStopped
from rft.monitoring import watch_metrics
from rft.monitoring.job_watch import history
from rft.monitoring.live_trace import follow
from rft.monitoring.stop_policy import Decision, Limits, decide
from rft.runs.notify import stop_advised
from rft.runs.record import StopAdvice, now
from rft.runs.slot_keeping import keep_slot
from rft.runs.step import Event, Run, workflow_step


@workflow_step("WatchTraining")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the job's status and the stop policy's decision."""
    job, advice = run.record.job, run.record.advice
    if job is None:
        raise TrainingFailed("the run has no customization job; submit the dataset again")
    keep_slot(run)
    state = run.engine.describe(job.arn)
    seen = {"status": state.status, "model_arn": state.model_arn, "failure_message": state.failure_message}
    run.set("job", job.model_copy(update={**seen, "ended_at": state.ended_at}))
    if state.status == "Failed":
        raise TrainingFailed(f"job {job.name} failed: {state.failure_message or 'Bedrock gives no reason'}")
    if state.status in {"Stopping", "Stopped"}:
        raise TrainingStopped(
            advice.explanation if advice and advice.enforced else f"job {job.name} was stopped"
        )
    if state.is_over:
        return {"status": state.status, "decision": "continue"}
    rewards = history(run.record)
    points = follow(run.record, run.bucket, run.keys, run.config.names.log_group("reward"))
    watch_metrics.report(run.record, points, rewards.spent_usd)
    decision = decide(rewards, run.engine.capabilities, limits(run))
    act(run, state, decision)
    return {"status": "InProgress", "decision": decision.action}


def limits(run: Run) -> Limits:
    return Limits.of(run.settings.watch, run.record.settings.run_budget_usd)


def act(run: Run, state: JobState, decision: Decision) -> None:
    """Stop the job, or advise once for each reason.

    Raises:
        TrainingStopped: when the job was stopped.
    """
    if decision.action == "continue":
        if decision.explanation and decision.explanation not in run.record.notes:
            run.store.note(run.id, decision.explanation)
        return
    told = run.record.advice is not None and run.record.advice.reason == decision.reason
    run.set(
        "advice",
        StopAdvice(
            at=now(),
            action=decision.action,
            reason=decision.reason,
            explanation=decision.explanation,
            enforced=decision.enforced,
            evidence=dict(decision.evidence),
        ),
    )
    if decision.enforced:
        run.engine.stop(state.arn)
        raise TrainingStopped(decision.explanation)
    if not told:
        message = stop_advised(run.record, decision.reason, decision.explanation)
        aws.publish(run.config.topic_arn, message.subject, message.body)
