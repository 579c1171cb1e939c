"""Compensate and CleanUp: a run that is over leaves evidence and a good promotion behind, nothing else."""

from typing import Any

from rft.runs.cleanup import clean_up
from rft.runs.step import Event, Run, workflow_step


@workflow_step({"failed": "Compensate", "finished": "CleanUp", "held": "CleanUp"}, by="reason")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, reason}`; return what was done. Repeating it does no harm."""
    return {"done": clean_up(run, failed=event["reason"] == "failed")}
