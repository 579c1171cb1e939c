"""ReleaseTrainingSlot: lets the next run train while this one is evaluated."""

from typing import Any

from rft.runs.step import Event, Run, workflow_step


@workflow_step("ReleaseTrainingSlot")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`."""
    run.slot.release()
    return {}
