"""Executions as AWS ends them: a machine's `TimeoutSeconds` gives TIMED_OUT, an aborted execution stays
aborted, and every end is counted in the namespace AWS/States. MiniStack does none of the three.
"""

import contextvars
import json
import threading
from collections.abc import Callable
from typing import Any, Final

from ministack.core.responses import now_iso
from ministack.services import stepfunctions as sfn

from rehearsal.localaws import metrics
from rehearsal.localaws.plugins import replace

METRICS: Final = {
    "RUNNING": "ExecutionsStarted",
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}


def apply() -> None:
    replace(sfn, "_fail_execution", "e6da895fa0b7", _unless_over)
    replace(sfn, "_emit_execution_status_event", "9c89e45693e3", _with_metrics)
    # _run_execution is wrapped already by states_roles, which has checked its source
    sfn._run_execution = _with_timeout(sfn._run_execution)


def _unless_over(fail: Callable[..., None]) -> Callable[..., None]:
    def fail_running(execution: dict[str, Any], error: str, cause: str) -> None:
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    return fail_running


def _with_metrics(emit: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    def emit_and_count(execution: dict[str, Any]) -> None:
        emit(execution)
        dimensions = {"StateMachineArn": execution["stateMachineArn"]}
        metrics.put("AWS/States", METRICS[execution["status"]], [1.0], dimensions, "Count")

    return emit_and_count


def _with_timeout(run: Callable[[str], None]) -> Callable[[str], None]:
    def run_with_timeout(execution_arn: str) -> None:
        execution = sfn._executions.get(execution_arn)
        machine = sfn._state_machines.get(execution["stateMachineArn"]) if execution else None
        seconds = json.loads(machine["definition"]).get("TimeoutSeconds") if machine else None
        if seconds is None:
            run(execution_arn)
            return
        # real time: functions are not faster in scaled time
        timer = threading.Timer(seconds, contextvars.copy_context().run, args=(_time_out, execution))
        timer.daemon = True
        timer.start()
        try:
            run(execution_arn)
        finally:
            timer.cancel()

    return run_with_timeout


def _time_out(execution: dict[str, Any]) -> None:
    if execution["status"] != "RUNNING":
        return
    execution.update(status="TIMED_OUT", error="States.Timeout", stopDate=now_iso())
    sfn._add_event(execution, "ExecutionTimedOut", {"executionTimedOutEventDetails": {}})
    sfn._emit_execution_status_event(execution)
