"""ApproveSpend and ApprovePromotion: asks a person; `rft approve` or `rft reject` answers the task token."""

from typing import Any

from rft import aws
from rft.runs.notify import approval_wanted
from rft.runs.record import Approval, now
from rft.runs.step import Event, Run, workflow_step


@workflow_step({"spend": "ApproveSpend", "promotion": "ApprovePromotion"}, by="subject")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, subject, task_token}`; store the token and publish the question."""
    run.set("approval", Approval(subject=event["subject"], token=event["task_token"], asked_at=now()))
    message = approval_wanted(run.record, event["subject"])
    aws.publish(run.config.topic_arn, message.subject, message.body)
    return {}
