"""AcquireTrainingSlot: one training at a time in an environment, first come first served."""

from typing import Any

from rft.errors import SlotTimeout
from rft.runs.step import Event, Run, workflow_step


@workflow_step("AcquireTrainingSlot")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return whether the slot is ours, who holds it, and when to ask again."""
    workflow = run.record.settings.workflow
    answer = run.slot.acquire(workflow.slot_poll_seconds)
    if not answer.acquired and answer.waited_seconds > workflow.slot_max_wait_seconds:
        run.slot.release()
        raise SlotTimeout(
            f"waited {answer.waited_seconds} s for the training slot, held by {answer.holder or 'nobody'}; "
            f"workflow.slot_max_wait_seconds is {workflow.slot_max_wait_seconds}; submit again later"
        )
    return {"acquired": answer.acquired, "holder": answer.holder, "wait_seconds": workflow.slot_poll_seconds}
