"""One execution of the state machine as a person follows it: states in order, with times, retries and failures."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

WORKING_TYPES: Final = ("Task", "Map", "Parallel", "Wait")
OVER: Final = ("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED")
HISTORY_PAGE: Final = 1000  # GetExecutionHistory's largest page

StateStatus = Literal["waiting", "running", "done", "failed"]


@dataclass(slots=True)
class StateView:
    """A state of the workflow; `seconds` sums all visits that ended, `entered` is set while it is running."""

    name: str
    status: StateStatus = "waiting"
    visits: int = 0
    retries: int = 0
    seconds: float = 0.0
    first_entered: datetime | None = None
    entered: datetime | None = None
    error: str = ""

    def elapsed(self, now: datetime) -> float:
        """Seconds so far, the running visit included."""
        return self.seconds + ((now - self.entered).total_seconds() if self.entered else 0.0)


@dataclass(slots=True)
class ExecutionView:
    """What is known of an execution; `states` is in the order of the workflow."""

    arn: str
    status: str = "RUNNING"
    started: datetime | None = None
    stopped: datetime | None = None
    error: str = ""
    cause: str = ""
    run_id: str = ""
    states: dict[str, StateView] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    def seconds(self, now: datetime) -> float:
        """Age of the execution, or its duration once it is over."""
        return ((self.stopped or now) - self.started).total_seconds() if self.started else 0.0


def working_states(definition: Mapping[str, Any]) -> list[str]:
    """Names of the states that work or wait, in the order of the workflow; those reached by Catch alone come last."""
    states: Mapping[str, Any] = definition["States"]
    finished: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen or name not in states:
            return
        seen.add(name)
        state = states[name]
        following = [state[key] for key in ("Next", "Default") if key in state]
        following += [choice["Next"] for choice in state.get("Choices", ())]
        for successor in following:
            visit(successor)
        finished.append(name)

    visit(str(definition["StartAt"]))
    order = list(reversed(finished))
    order += [name for name in states if name not in seen]
    return [name for name in order if states[name].get("Type") in WORKING_TYPES]


class ExecutionReader:
    """Reads an execution again and again, fetching only the history that is new.

    `stepfunctions` is a client of the service.
    """

    def __init__(self, stepfunctions: Any, arn: str) -> None:
        self._client = stepfunctions
        self._arn = arn
        self._events: dict[int, Mapping[str, Any]] = {}
        self._token: str | None = None
        self._names: list[str] | None = None

    def read(self) -> ExecutionView:
        """The execution as it is now."""
        described = self._client.describe_execution(executionArn=self._arn)
        if self._names is None:
            machine = self._client.describe_state_machine(stateMachineArn=described["stateMachineArn"])
            self._names = working_states(json.loads(machine["definition"]))
        self._fetch()
        view = ExecutionView(
            self._arn,
            str(described["status"]),
            described.get("startDate"),
            described.get("stopDate"),
            str(described.get("error") or ""),
            str(described.get("cause") or ""),
        )
        view.states = states_from(self._names, (self._events[key] for key in sorted(self._events)))
        view.run_id = run_id_from(self._events.values())
        _settle(view)
        return view

    def _fetch(self) -> None:
        options: dict[str, Any] = {"executionArn": self._arn, "maxResults": HISTORY_PAGE}
        if self._token:
            options["nextToken"] = self._token
        while True:
            page = self._client.get_execution_history(**options)
            self._events.update({int(event["id"]): event for event in page["events"]})
            if not page.get("nextToken"):
                return
            self._token = options["nextToken"] = page["nextToken"]


def states_from(names: Iterable[str], events: Iterable[Mapping[str, Any]]) -> dict[str, StateView]:
    """Fold the history into one view per working state."""
    states = {name: StateView(name) for name in names}
    current: StateView | None = None
    for event in events:
        kind = str(event["type"])
        if kind.endswith("StateEntered"):
            current = states.get(event["stateEnteredEventDetails"]["name"])
            if current is not None:
                _enter(current, event["timestamp"])
        elif kind.endswith("StateExited"):
            left = states.get(event["stateExitedEventDetails"]["name"])
            if left is not None:
                _leave(left, event["timestamp"])
        elif (
            current is not None and kind.endswith(("Failed", "TimedOut")) and not kind.startswith("Execution")
        ):
            current.error = _error(event)
        elif current is not None and kind in ("TaskScheduled", "LambdaFunctionScheduled") and current.error:
            current.retries += 1
            current.error = ""
    return states


def _enter(state: StateView, when: datetime) -> None:
    state.status, state.entered, state.error = "running", when, ""
    state.visits += 1
    state.first_entered = state.first_entered or when


def _leave(state: StateView, when: datetime) -> None:
    if state.entered is not None:
        state.seconds += (when - state.entered).total_seconds()
    state.entered = None
    state.status = "failed" if state.error else "done"


def _error(event: Mapping[str, Any]) -> str:
    for key, details in event.items():
        if key.endswith("EventDetails") and isinstance(details, Mapping):
            return f"{details.get('error', '')}: {cause_message(str(details.get('cause', '')))}".strip(": ")
    return str(event["type"])


def cause_message(cause: str) -> str:
    """The message inside a cause, which for a Lambda function is a JSON object with `errorMessage`."""
    try:
        found = json.loads(cause)
    except ValueError:
        return cause
    return str(found.get("errorMessage", cause)) if isinstance(found, dict) else cause


def run_id_from(events: Iterable[Mapping[str, Any]]) -> str:
    """The run id, from the first task that returned one; empty while none has."""
    for event in events:
        for key in ("taskSucceededEventDetails", "lambdaFunctionSucceededEventDetails"):
            if key in event:
                found = re.search(r'"run_id"\s*:\s*"([^"]+)"', str(event[key].get("output", "")))
                if found:
                    return found[1]
    return ""


def _settle(view: ExecutionView) -> None:
    """End the state in which an execution that is over was."""
    for state in view.states.values():
        if view.is_over and state.status == "running":
            if view.stopped is not None:
                _leave(state, view.stopped)
            state.status = "failed"
