"""ApproveSpend and ApprovePromotion: asks a person; `rft approve` or `rft reject` answers the task token."""

from typing import Any

from rft import aws
from rft.monitoring.workflow_metrics import OPEN_APPROVALS
from rft.runs.approval import earlier, question
from rft.runs.notify import approval_wanted
from rft.runs.step import Event, Run, workflow_step


@workflow_step({"spend": "ApproveSpend", "promotion": "ApprovePromotion"}, by="subject")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, subject, task_token}`; store the token and publish the question."""
    asked = question(event["subject"], event["task_token"], run.record.settings.approvals.timeout_hours)
    run.set("approvals", [part.model_dump(mode="json") for part in earlier(run.record, asked.subject)])
    run.set("approval", asked)
    message = approval_wanted(run.record, asked)
    aws.publish(run.config.topic_arn, message.subject, message.body)
    run.emit({OPEN_APPROVALS: 1})
    return {}
