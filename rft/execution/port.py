"""The port to whatever runs model-written code. Code and inputs go in, outputs come out, nothing else.

No expected value, no test and no verdict crosses it: the caller compares. What comes back is plain JSON data,
parsed here and not by the program, so that no `__eq__`, no pickle and no printed "pass" can pass for a result.
"""

import builtins
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Protocol

MAX_CODE_CHARACTERS: Final = 100_000
MAX_INPUTS: Final = 200
MAX_OUTPUT_BYTES: Final = 1_000_000  # of one output, as JSON
MAX_OUTPUTS_BYTES: Final = 4_000_000  # of all outputs of a program; Lambda's answer may have 6 MB

TIMEOUT: Final = "Timeout"
NO_OUTPUT: Final = "NoOutput"  # the program ended without an answer: exit, crash, output too large
NOT_FINITE: Final = "NotFinite"  # the value holds NaN or infinity, which JSON cannot carry
REFUSED: Final = "Refused"  # the program was not run: too long, or too many inputs
NOT_UNICODE: Final = "NotUnicode"  # the value holds a lone surrogate, which UTF-8 cannot carry
OTHER_ERROR: Final = "OtherError"  # not one of Python's own; its name is the program's text, and stays here

_ERROR_NAMES: Final = frozenset(
    name
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, BaseException)
)


class ExecutorError(RuntimeError):
    """The executor did not do its work; says nothing about the program."""


@dataclass(frozen=True, slots=True)
class Input:
    """Arguments of one call of the entry point; JSON values."""

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Program:
    """Python source, the name of the function to call, and what to call it with."""

    code: str
    entry_point: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` of wall clock for a program with all of its inputs; `memory_mb` for its data."""

    seconds: float = 4.0
    memory_mb: int = 256


@dataclass(frozen=True, slots=True)
class Output:
    """What one call gave: a JSON value, or the name of the error that it ended in (Python's own or one above)."""

    value: Any = None
    error: str | None = None


class Engine(Protocol):
    """Runs one program at a time, each in a state that no earlier program has touched."""

    def run(self, program: Program, limits: Limits) -> list[Output]:
        """Return one output per input, in order.

        Raises:
            ExecutorError: when the engine itself fails.
        """


def refusal(program: Program) -> list[Output] | None:
    """The outputs of a program that is not run at all; None for one that may be."""
    if len(program.code) <= MAX_CODE_CHARACTERS and len(program.inputs) <= MAX_INPUTS:
        return None
    return [Output(error=REFUSED)] * len(program.inputs)


def read_answer(text: str | bytes) -> Output:
    """The output that a guest wrote as `{"value": ...}` or `{"error": "TypeError"}`, read without trust."""
    if len(text) > MAX_OUTPUT_BYTES:
        return Output(error=NO_OUTPUT)
    try:
        answer = json.loads(text, parse_constant=_no_constant)
    except _NotFiniteError:
        return Output(error=NOT_FINITE)
    except (ValueError, RecursionError):
        return Output(error=NO_OUTPUT)
    if not isinstance(answer, dict) or set(answer) not in ({"value"}, {"error"}):
        return Output(error=NO_OUTPUT)
    if "error" in answer:
        name = answer["error"]
        return Output(error=name if isinstance(name, str) and name in _ERROR_NAMES else OTHER_ERROR)
    value = answer["value"]
    return Output(value) if _is_unicode(value) else Output(error=NOT_UNICODE)


def to_wire(program: Program, limits: Limits) -> dict[str, Any]:
    """The executor function's event."""
    inputs = [{"args": list(item.args), "kwargs": dict(item.kwargs or {})} for item in program.inputs]
    return {
        "code": program.code,
        "entry_point": program.entry_point,
        "inputs": inputs,
        "limits": asdict(limits),
    }


def from_wire(event: Mapping[str, Any]) -> tuple[Program, Limits]:
    """Read the executor function's event.

    Raises:
        KeyError, TypeError: when a member is missing or of another type.
    """
    inputs = tuple(Input(tuple(item["args"]), item["kwargs"]) for item in event["inputs"])
    return Program(event["code"], event["entry_point"], inputs), Limits(**event["limits"])


def outputs_to_wire(outputs: Sequence[Output]) -> list[dict[str, Any]]:
    """The executor function's answer, no longer than Lambda returns: what no longer fits has `NO_OUTPUT`."""
    answer: list[dict[str, Any]] = []
    left = MAX_OUTPUTS_BYTES
    for item in outputs:
        written = {"value": item.value} if item.error is None else {"error": item.error}
        left -= len(json.dumps(written))
        answer.append(written if left >= 0 else {"error": NO_OUTPUT})
    return answer


def outputs_from_wire(answer: Any, count: int) -> list[Output]:
    """Read the executor function's answer.

    Raises:
        ExecutorError: when it is not one output per input.
    """
    if not isinstance(answer, list) or len(answer) != count or not all(isinstance(i, dict) for i in answer):
        raise ExecutorError(f"the executor did not answer with one output for each of {count} inputs")
    return [Output(item.get("value"), item.get("error")) for item in answer]


class _NotFiniteError(ValueError):
    """NaN or infinity, which JSON cannot carry."""


def _is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_constant(name: str) -> float:
    raise _NotFiniteError(name)
