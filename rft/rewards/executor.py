"""Where the reward of code sends programs: the executor function on AWS, an engine in this process elsewhere.

The reward function itself never runs what a model wrote.
"""

import hashlib
import json
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from rft.execution.port import (
    TIMEOUT,
    ExecutorError,
    Limits,
    Output,
    Program,
    outputs_from_wire,
    to_wire,
)

FUNCTION_VARIABLE: Final = "RFT_EXECUTOR_FUNCTION"
SETTINGS_VARIABLE: Final = "RFT_EXECUTOR"  # JSON of the settings `reward.executor`

KEPT_PROGRAMS: Final = 4096

Execute = Callable[[Program, Limits], list[Output]]
_here: list[Execute] = []


class _TimedOutError(Exception):
    """Carries outputs that another try may better, so that they are not kept."""

    def __init__(self, outputs: list[Output]) -> None:
        self.outputs = outputs


def execute_here(execute: Execute) -> None:
    """Run programs with this, where no executor function is named: on a developer's machine and in tests."""
    _here[:] = [execute]
    _kept.cache_clear()


def execute(program: Program) -> list[Output]:
    """Run a program with all of its inputs; one output per input, in order.

    The answers of a group are often the same program, so that outputs are kept; not those cut by the clock.

    Raises:
        ExecutorError: when there is no executor, or it does not answer; this says nothing about the program.
    """
    settings = json.loads(os.environ.get(SETTINGS_VARIABLE) or "{}")
    limits = Limits(seconds=float(settings.get("program_seconds", Limits().seconds)))
    try:
        return list(_kept(_Asked(program, limits, os.environ.get(FUNCTION_VARIABLE))))
    except _TimedOutError as error:
        return error.outputs


class _Asked:
    """A program with where and how it runs; equal to every other of the same digest."""

    def __init__(self, program: Program, limits: Limits, function: str | None) -> None:
        self.program, self.limits, self.function = program, limits, function
        told = json.dumps([function, to_wire(program, limits)], sort_keys=True).encode("utf-8", "replace")
        self._digest = hashlib.sha256(told).digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)


@lru_cache(maxsize=KEPT_PROGRAMS)
def _kept(asked: _Asked) -> tuple[Output, ...]:
    if asked.function:
        outputs = _execute_there(asked.function, asked.program, asked.limits)
    elif _here:
        outputs = _here[0](asked.program, asked.limits)
    else:
        raise ExecutorError(f"no executor: set {FUNCTION_VARIABLE}, or load the reward with load_reward")
    if any(output.error == TIMEOUT for output in outputs):
        raise _TimedOutError(outputs)
    return tuple(outputs)


def _execute_there(function: str, program: Program, limits: Limits) -> list[Output]:
    from rft import aws

    try:
        answer = aws.invoke(function, to_wire(program, limits))
    except aws.FunctionFailed as error:
        raise ExecutorError("the executor function failed; see its log group") from error
    return outputs_from_wire(answer, len(program.inputs))
