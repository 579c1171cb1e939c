"""AcquireTrainingSlot: a few trainings at a time in an environment, shared fairly among its use cases."""

from typing import Any

from rft.errors import SlotTimeout
from rft.monitoring.workflow_metrics import SLOT_WAIT_SECONDS
from rft.runs.step import Event, Run, workflow_step


@workflow_step("AcquireTrainingSlot")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return whether it has a slot, who has them, its place in the queue, when to ask again."""
    workflow = run.record.settings.workflow
    answer = run.slot.acquire()
    run.emit({SLOT_WAIT_SECONDS: answer.waited_seconds})
    if not answer.acquired and answer.waited_seconds > workflow.slot_max_wait_seconds:
        run.slot.release()
        raise SlotTimeout(
            f"waited {answer.waited_seconds} s for a training slot and is number {answer.place} in the queue; "
            f"slots are held by {', '.join(answer.holders) or 'nobody'}; workflow.slot_max_wait_seconds is "
            f"{workflow.slot_max_wait_seconds}; submit again later, or raise it or workflow.training_slots"
        )
    return {
        "acquired": answer.acquired,
        "holders": list(answer.holders),
        "place": answer.place,
        "wait_seconds": workflow.slot_poll_seconds,
    }
