"""CheckSpendApproval and CheckPromotionApproval: judges and records what a person answered."""

from typing import Any

from rft.errors import ApprovalRejected
from rft.monitoring.workflow_metrics import OPEN_APPROVALS
from rft.runs.approval import APPROVED, sentence, settle
from rft.runs.step import Event, Run, workflow_step


@workflow_step({"spend": "CheckSpendApproval", "promotion": "CheckPromotionApproval"}, by="subject")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, subject, answer}` with the answer that completed the task; return who agreed.

    Raises:
        ApprovalRejected: when the answer is no, cannot be read, or is forbidden by `approvals.four_eyes`.
    """
    settled = settle(run.record, event["subject"], event["answer"])
    run.set("approval", settled)
    run.emit({OPEN_APPROVALS: 0})
    if settled.answer != APPROVED:
        raise ApprovalRejected(sentence(settled))
    return {"subject": settled.subject, "approver": settled.approver}
