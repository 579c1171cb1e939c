"""Where the reward of code sends programs: the executor function on AWS, an engine in this process elsewhere.

The reward function itself never runs what a model wrote.
"""

import json
import os
from collections.abc import Callable
from typing import Final

from rft.execution.port import (
    ExecutorError,
    Limits,
    Output,
    Program,
    outputs_from_wire,
    to_wire,
)

FUNCTION_VARIABLE: Final = "RFT_EXECUTOR_FUNCTION"
SETTINGS_VARIABLE: Final = "RFT_EXECUTOR"  # JSON of the settings `reward.executor`

Execute = Callable[[Program, Limits], list[Output]]
_here: list[Execute] = []


def execute_here(execute: Execute) -> None:
    """Run programs with this, where no executor function is named: on a developer's machine and in tests."""
    _here[:] = [execute]


def execute(program: Program) -> list[Output]:
    """Run a program with all of its inputs; one output per input, in order.

    Raises:
        ExecutorError: when there is no executor, or it does not answer; this says nothing about the program.
    """
    settings = json.loads(os.environ.get(SETTINGS_VARIABLE) or "{}")
    limits = Limits(seconds=float(settings.get("program_seconds", Limits().seconds)))
    function = os.environ.get(FUNCTION_VARIABLE)
    if function:
        return _execute_there(function, program, limits)
    if not _here:
        raise ExecutorError(f"no executor: set {FUNCTION_VARIABLE}, or load the reward with load_reward")
    return _here[0](program, limits)


def _execute_there(function: str, program: Program, limits: Limits) -> list[Output]:
    from rft import aws

    try:
        answer = aws.invoke(function, to_wire(program, limits))
    except aws.FunctionFailed as error:
        raise ExecutorError("the executor function failed; see its log group") from error
    return outputs_from_wire(answer, len(program.inputs))
