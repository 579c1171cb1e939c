"""Compensate and CleanUp: a run that is over leaves evidence and a good promotion behind, nothing else."""

from typing import Any

from rft.aws import named_errors
from rft.monitoring.workflow_metrics import OPEN_APPROVALS
from rft.runs.approval import open_question
from rft.runs.cleanup import clean_up
from rft.runs.config import FunctionConfig
from rft.runs.record import Failure, Status
from rft.runs.step import Event, Run, workflow_step
from rft.runs.store import RunStore


@workflow_step({"failed": "Compensate", "finished": "CleanUp", "held": "CleanUp"}, by="reason")
def _clean_up(run: Run, event: Event) -> dict[str, Any]:
    if event.get("execution_arn", run.record.execution_arn) != run.record.execution_arn:
        return {"done": []}  # another execution has taken the run over
    if open_question(run.record) is not None:
        run.emit({OPEN_APPROVALS: 0})  # nobody can answer any more
    return {"done": clean_up(run, failed=event["reason"] == "failed")}


def handler(event: Event, context: object) -> dict[str, Any]:
    """Take `{run_id, reason}`, or `{execution_arn, status, reason: "aborted"}` of an execution that can no
    longer clean up itself; return what was done. Repeating it does no harm."""
    if event["reason"] != "aborted":
        return _clean_up(event, context)
    config = FunctionConfig.read()
    store = RunStore(config.runs_table, config.use_case)
    with named_errors():
        record = store.of_execution(event["execution_arn"])
    if record is None or record.status is not Status.RUNNING:
        return {"done": []}
    mine = {"run_id": record.run_id, "reason": "failed", "execution_arn": record.execution_arn}
    done = _clean_up(mine, context)
    cause = f"execution {event['execution_arn']} was {event['status']} before it ended; submit again"
    failure = Failure(state=record.state, error=f"Execution.{event['status']}", cause=cause)
    with named_errors():
        store.finish(record.run_id, Status.FAILED, failure, record.execution_arn)
    return done
