"""Task, Parallel and Succeed states as AWS runs them, where MiniStack differs.

- `TimeoutSeconds` and `HeartbeatSeconds` may be JSONata; a callback waits in scaled time, as Wait does.
- A function that fails under `.waitForTaskToken` fails the task at once, it is not waited for.
- A `.sync` child is a standard execution; its failure is States.TaskFailed with the description as cause, and
  it is stopped when its parent is.
- `Output` of Succeed, and `Arguments`, `Output` and `Assign` of Parallel, in JSONata.
- Variables assigned inside a branch stay in it.
"""

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from ministack.services import stepfunctions as sfn

from rehearsal.localaws.plugins import original, replace
from rehearsal.localaws.plugins.states_roles import execution_record
from rehearsal.localaws.plugins.states_tokens import MACHINE

NO_TIMEOUT_SECONDS: Final = 99_999_999.0  # what AWS waits for a callback when the state names no timeout
MIN_CALLBACK_SECONDS: Final = 1.0  # real time: functions and events are not faster in scaled time
POLL_SECONDS: Final = 0.05


def apply() -> None:
    replace(sfn, "_execute_task", "53c818d247db", _with_evaluated_timeouts)
    original(sfn, "_invoke_with_callback", "bbb38423156a")
    sfn._invoke_with_callback = _invoke_with_callback
    original(sfn, "_invoke_nested_start_execution_sync", "d9f13c4aabed")
    sfn._invoke_nested_start_execution_sync = _run_child
    replace(sfn, "_apply_output_path", "e9cfd0067244", _with_succeed_output)
    replace(sfn, "_run_parallel_branches", "b8c7f6915297", _with_parallel_jsonata)
    replace(sfn, "_run_sub_machine", "f8d844168b14", _with_own_scope)


def _with_evaluated_timeouts(execute: Callable[..., Any]) -> Callable[..., Any]:
    def execute_task(state: dict[str, Any], data: Any, execution: dict[str, Any], ctx: dict[str, Any]) -> Any:
        evaluated = {
            field: sfn._jsonata_state_field(state, field, "number", data, ctx)
            for field in ("TimeoutSeconds", "HeartbeatSeconds")
            if isinstance(state.get(field), str)
        }
        return execute({**state, **evaluated}, data, execution, ctx)

    return execute_task


def _invoke_with_callback(resource: str, input_data: Any, token: str, state: dict[str, Any]) -> Any:
    """Do the task's call, then wait for SendTaskSuccess or SendTaskFailure with `token`."""
    info: dict[str, Any] = {"event": threading.Event(), "result": None, "error": None, "heartbeat": None}
    execution = execution_record.get()
    if execution is not None:
        info[MACHINE] = execution["stateMachineArn"]
    sfn._task_tokens[token] = info
    try:
        sfn._invoke_resource(resource.replace(".waitForTaskToken", ""), input_data)
        _await(info, state)
    finally:
        sfn._task_tokens.pop(token, None)
    if info["error"]:
        raise sfn._ExecutionError(info["error"].get("Error", "TaskFailed"), info["error"].get("Cause", ""))
    try:
        return json.loads(info["result"])
    except ValueError:
        return info["result"]


def _await(info: dict[str, Any], state: dict[str, Any]) -> None:
    """Wait for the callback in scaled time, renewed by heartbeats; ends early when the execution is."""
    deadline = time.monotonic() + _scaled(state.get("TimeoutSeconds", NO_TIMEOUT_SECONDS))
    beat = _scaled(state["HeartbeatSeconds"]) if "HeartbeatSeconds" in state else NO_TIMEOUT_SECONDS
    last_beat, seen = time.monotonic(), None
    while not info["event"].wait(timeout=POLL_SECONDS):
        now = time.monotonic()
        if info["heartbeat"] != seen:
            last_beat, seen = now, info["heartbeat"]
        if now >= deadline:
            raise sfn._ExecutionError("States.Timeout", "")
        if now - last_beat >= beat:
            raise sfn._ExecutionError("States.HeartbeatTimeout", "")
        _stop_if_aborted()


def _scaled(seconds: float) -> float:
    return max(float(seconds) * float(sfn._SFN_WAIT_SCALE), MIN_CALLBACK_SECONDS)


def _stop_if_aborted(child_arn: str | None = None) -> None:
    execution = execution_record.get()
    if execution is not None and execution["status"] != "RUNNING":
        if child_arn is not None:
            sfn._stop_execution(
                {"executionArn": child_arn, "error": "States.TaskFailed", "cause": "Parent stopped"}
            )
        raise sfn._ExecutionError("States.TaskFailed", "The execution was stopped")


def _run_child(resource: str, input_data: dict[str, Any]) -> dict[str, Any]:
    """Start a child execution and wait for its end; `.sync:2` parses its output."""
    status, _, body = sfn._start_execution(sfn._nested_start_execution_request(input_data))
    payload = json.loads(body)
    if status >= 400:
        name = str(payload.get("__type", "AWSStepFunctionsException")).rsplit("#", 1)[-1]
        raise sfn._ExecutionError(f"StepFunctions.{name}", payload.get("message", ""))
    child = sfn._executions.get(payload["executionArn"])
    while child["status"] == "RUNNING":
        time.sleep(POLL_SECONDS)
        _stop_if_aborted(child["executionArn"])
    description = _description(child)
    if child["status"] != "SUCCEEDED":
        raise sfn._ExecutionError("States.TaskFailed", json.dumps(description))
    if resource.endswith(".sync:2"):
        description["Output"] = json.loads(child["output"])
    return description


def _description(child: dict[str, Any]) -> dict[str, Any]:
    """DescribeExecution's answer as Step Functions hands it to a parent: Pascal case, milliseconds."""
    described: dict[str, Any] = {
        "ExecutionArn": child["executionArn"],
        "Input": child["input"],
        "InputDetails": {"Included": True},
        "Name": child["name"],
        "RedriveCount": 0,
        "StartDate": _milliseconds(child["startDate"]),
        "StateMachineArn": child["stateMachineArn"],
        "Status": child["status"],
        "StopDate": _milliseconds(child["stopDate"]),
    }
    if child["status"] == "SUCCEEDED":
        return described | {"Output": child["output"], "OutputDetails": {"Included": True}}
    return described | {name.capitalize(): child[name] for name in ("error", "cause") if child.get(name)}


def _milliseconds(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp() * 1000)


def _with_succeed_output(apply_path: Callable[..., Any]) -> Callable[..., Any]:
    def apply_output(state: dict[str, Any], data: Any, ctx: dict[str, Any] | None = None) -> Any:
        if state.get("Type") == "Succeed" and sfn._state_query_language(state, ctx) == "JSONata":
            return sfn._apply_jsonata_output(state, data, ctx, default=data)
        return apply_path(state, data, ctx)

    return apply_output


def _with_parallel_jsonata(run: Callable[..., Any]) -> Callable[..., Any]:
    def run_branches(state: dict[str, Any], data: Any, execution: dict[str, Any], ctx: dict[str, Any]) -> Any:
        if sfn._state_query_language(state, ctx) != "JSONata":
            return run(state, data, execution, ctx)
        results, following = run(state, sfn._apply_jsonata_arguments(state, data, ctx), execution, ctx)
        output = sfn._apply_jsonata_output(state, data, ctx, result=results, default=results)
        sfn._apply_state_assign(state, data, ctx, result=results)
        return output, following

    return run_branches


def _with_own_scope(run: Callable[..., Any]) -> Callable[..., Any]:
    def run_scoped(
        states: Any, start_at: Any, data: Any, execution: dict[str, Any], ctx: dict[str, Any]
    ) -> Any:
        return run(states, start_at, data, execution, {**ctx, "variables": dict(ctx.get("variables", {}))})

    return run_scoped
