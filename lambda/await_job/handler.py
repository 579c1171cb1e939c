"""AwaitJobEvent: stores the token that the job's event completes; completes it when the job is over."""

from typing import Any

from rft import aws
from rft.errors import TrainingFailed
from rft.runs.step import Event, Run, workflow_step


@workflow_step("WatchTraining")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, task_token}`."""
    if run.record.job is None:
        raise TrainingFailed("the run has no customization job to wait for; submit the dataset again")
    # Stored before looking: an event between the look and the store would find no token and be lost.
    run.set("job_token", event["task_token"])
    state = run.engine.describe(run.record.job.arn)
    if state.is_over:
        aws.send_task_success(event["task_token"], {"status": state.status})
    return {}
