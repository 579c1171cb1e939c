"""A small interpreter of the states we use, so that paths through the real JSONata files are tested in milliseconds.

Arguments, Output, Assign and Condition are evaluated with the JSONata engine; only the services are stand-ins.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonata

ROOT = Path(__file__).resolve().parents[2]
Service = Callable[
    [str, str, dict[str, Any]], Any
]  # (state name, resource, arguments) -> result, or raises TaskError
MAX_STEPS = 200


class TaskError(Exception):
    """A service integration failed with this error name."""

    def __init__(self, error: str, cause: str = "because") -> None:
        super().__init__(error)
        self.error, self.cause = error, cause


def load(name: str) -> dict[str, Any]:
    definition: dict[str, Any] = json.loads((ROOT / "stepfunctions" / f"{name}.asl.json").read_text())
    return definition


def all_states(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state, those of a Map's processor too."""
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from all_states(state["ItemProcessor"])


def expressions(value: Any) -> Iterator[str]:
    """Every JSONata expression below a value."""
    if isinstance(value, str) and value.startswith("{%"):
        yield value[2:-2].strip()
    elif isinstance(value, dict):
        for member in value.values():
            yield from expressions(member)
    elif isinstance(value, list):
        for member in value:
            yield from expressions(member)


@dataclass
class Execution:
    """One pass through a machine; `visited` are the states in order, `calls` what each task was asked.

    `time_limits` are of each task, in seconds.
    """

    definition: dict[str, Any]
    service: Service
    variables: dict[str, Any] = field(default_factory=dict)
    visited: list[str] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    time_limits: list[tuple[str, int]] = field(default_factory=list)
    status: str = "RUNNING"
    error: str | None = None
    cause: str | None = None
    output: Any = None

    def run(self, value: Any) -> "Execution":
        name: str | None = self.definition["StartAt"]
        while name and len(self.visited) < MAX_STEPS:
            self.visited.append(name)
            value, name = self._step(name, self.definition["States"][name], value)
        self.output = value
        return self

    def _evaluate(self, template: Any, **states: Any) -> Any:
        if isinstance(template, dict):
            return {key: self._evaluate(member, **states) for key, member in template.items()}
        if not (isinstance(template, str) and template.startswith("{%")):
            return template
        null = jsonata.utils.Utils.NULL_VALUE
        bindings = {key: null if value is None else value for key, value in self.variables.items()}
        bindings["states"] = states
        expression = template[2:-2].strip()
        found = jsonata.Jsonata(f"$exists(({expression}))").evaluate(None, bindings)
        if not found:
            raise AssertionError(f"undefined in {self.visited[-1]}: {expression}")
        return jsonata.Jsonata(expression).evaluate(None, bindings)

    def _assign(self, holder: dict[str, Any], **states: Any) -> None:
        self.variables |= self._evaluate(holder.get("Assign", {}), **states)

    def _context(self, name: str) -> dict[str, Any]:
        state = {"Name": name, "EnteredTime": "2026-01-01T00:00:00Z"}
        return {"State": state, "Execution": {"Id": "arn:execution"}, "Task": {"Token": "token"}}

    def _step(self, name: str, state: dict[str, Any], value: Any) -> tuple[Any, str | None]:
        states = {"input": value, "context": self._context(name)}
        match state["Type"]:
            case "Task":
                return self._task(name, state, states)
            case "Choice":
                return self._choice(state, states)
            case "Succeed":
                self.status = "SUCCEEDED"
                return value, None
            case "Fail":
                self.status = "FAILED"
                self.error = self._evaluate(state["Error"], **states)
                self.cause = self._evaluate(state["Cause"], **states)
                return value, None
            case _:
                if "Seconds" in state:
                    assert isinstance(self._evaluate(state["Seconds"], **states), int)
                self._assign(state, **states)
                return value, state["Next"]

    def _choice(self, state: dict[str, Any], states: dict[str, Any]) -> tuple[Any, str]:
        for rule in state["Choices"]:
            outcome = self._evaluate(rule["Condition"], **states)
            assert isinstance(outcome, bool), rule
            if outcome:
                self._assign(rule, **states)
                return states["input"], rule["Next"]
        return states["input"], state["Default"]

    def _task(self, name: str, state: dict[str, Any], states: dict[str, Any]) -> tuple[Any, str]:
        arguments = self._evaluate(state["Arguments"], **states)
        limit = self._evaluate(state["TimeoutSeconds"], **states)
        assert isinstance(limit, int)
        self.time_limits.append((name, limit))
        self.calls.append((name, arguments))
        try:
            result = self.service(name, state["Resource"], arguments)
        except TaskError as failure:
            return self._catch(state, states, failure)
        self._assign(state, **states, result=result)
        if "Output" in state:
            return self._evaluate(state["Output"], **states, result=result), state["Next"]
        return result, state["Next"]

    def _catch(self, state: dict[str, Any], states: dict[str, Any], failure: TaskError) -> tuple[Any, str]:
        output = {"Error": failure.error, "Cause": failure.cause}
        for catcher in state["Catch"]:
            if failure.error in catcher["ErrorEquals"] or "States.ALL" in catcher["ErrorEquals"]:
                self._assign(catcher, **states, errorOutput=output)
                caught = self._evaluate(catcher.get("Output", output), **states, errorOutput=output)
                return caught, catcher["Next"]
        raise AssertionError(f"{failure.error} is not caught")
