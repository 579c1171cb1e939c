"""The code reward: what is found, what is compared, and who runs it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft import aws
from rft.execution.local import execute
from rft.execution.port import ExecutorError, Limits, Output, Program
from rft.rewards import MissingReferenceError, Sample, code_tests
from rft.rewards.code import equal
from rft.rewards.code_text import find_program
from rft.rewards.executor import FUNCTION_VARIABLE, execute_here

REFERENCE = {
    "entry_point": "double",
    "tests": [{"args": [n], "expected": 2 * n} for n in (1, 2, 3, 4)],
    "ideal_response": "```python\ndef double(n):\n    return 2 * n\n```",
}
RIGHT = "def double(n):\n    return 2 * n\n"


@pytest.fixture(autouse=True)
def _here() -> None:
    execute_here(execute)


def sample(response: str, reference: Any = REFERENCE) -> Sample:
    return Sample("1", ({"role": "user", "content": "Double it."},), response, reference)


@pytest.mark.parametrize(
    "response",
    [
        REFERENCE["ideal_response"],
        RIGHT,
        f"Here it is:\n\n```py\n{RIGHT}```\nIt doubles.",
        f"```\n{RIGHT}```",
        f"First try:\n```python\ndef double(n):\n    return n\n```\nBetter:\n```python\n{RIGHT}```\n",
        f"```python title=x\n{RIGHT}```\n```bash\npython double.py\n```",
        "double = lambda n: n + n",
        "from functools import partial\nimport operator\ndouble = partial(operator.mul, 2)",
    ],
)
def test_a_right_program_earns_everything_however_it_is_wrapped(response: str) -> None:
    assert code_tests(sample(response)).value == 1.0


@pytest.mark.parametrize(
    ("response", "components"),
    [
        ("", (0, 0, 0)),
        ("I cannot help with that.", (0, 0, 0)),
        ("```python\ndef double(n:\n```", (0, 0, 0)),
        (f"```python\n{RIGHT}", (0, 0, 0)),
        ("```json\n{}\n```", (0, 0, 0)),
        ("def triple(n):\n    return 2 * n", (1, 0, 0)),
        ("def double(n):\n    return 2", (1, 1, 0.25)),
        ("def double(n):\n    return n / 0", (1, 1, 0)),
        ("x" * 200_000, (0, 0, 0)),
        ("(" * 5_000, (0, 0, 0)),
    ],
)
def test_what_is_no_solution_earns_nothing_and_says_how_far_it_came(
    response: str, components: tuple[float, ...]
) -> None:
    score = code_tests(sample(response))
    assert score.value == 0.0
    assert tuple(score.components.values()) == components


def test_credit_begins_above_the_best_constant_answer() -> None:
    half = "def double(n):\n    return 2 * n if n < 3 else None"
    assert code_tests(sample(half)).value == pytest.approx((0.5 - 0.25) / 0.75)
    assert code_tests(sample(half), partial=False).value == 0.0
    same = {"entry_point": "f", "tests": [{"args": [n], "expected": True} for n in (1, 2)]}
    assert code_tests(sample("def f(n):\n    return n == 1", same)).value == 0.0


def test_a_forbidden_import_earns_nothing() -> None:
    program = "def double(n):\n    import os.path\n    return 2 * n\n"
    assert code_tests(sample(program), forbidden_imports={"os"}).value == 0.0
    assert code_tests(sample(program)).value == 1.0


@pytest.mark.parametrize(
    "reference",
    [
        None,
        "def double",
        {"entry_point": "double"},
        {"entry_point": "double", "tests": []},
        {"entry_point": "not a name", "tests": [{"args": [], "expected": 1}]},
        {"entry_point": "double", "tests": [{"args": [1]}]},
        {"entry_point": "double", "tests": [{"args": 1, "expected": 2}]},
        {"entry_point": "double", "tests": [{"args": [1], "expected": 2, "tolerance": 5}]},
        {"entry_point": "double", "tests": [{"args": [1], "expected": 2}] * 201},
    ],
)
def test_a_reference_that_cannot_judge_is_an_error(reference: Any) -> None:
    with pytest.raises(MissingReferenceError):
        code_tests(sample(RIGHT, reference))


@pytest.mark.parametrize(
    ("expected", "given_", "same"),
    [
        (1, 1, True),
        (1, True, False),
        (True, True, True),
        (0, False, False),
        (1, 1.0, True),
        (0.1 + 0.2, 0.3, True),
        (1.0, 1.01, False),
        ([1, 2], [1, 2], True),
        ([1, 2], [2, 1], False),
        ({"a": [1.0]}, {"a": [1.0000001]}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ("1", 1, False),
        (None, None, True),
        (None, 0, False),
        (10**400, 1.5, False),
        (10**400, 10**400 + 1, False),
    ],
)
def test_values_are_compared_by_type_and_within_the_tolerance(expected: Any, given_: Any, same: bool) -> None:
    assert equal(expected, given_) is same


@given(st.text(max_size=300))
def test_no_text_makes_the_search_for_a_program_fail(text: str) -> None:
    found = find_program(text)
    assert found is None or found in text or found.strip() in text


def test_no_expected_value_and_no_other_test_reaches_the_executor() -> None:
    seen: list[Program] = []

    def spy(program: Program, limits: Limits) -> list[Output]:
        seen.append(program)
        return [Output(0)] * len(program.inputs)

    execute_here(spy)
    reference = {"entry_point": "double", "tests": [{"args": [1], "expected": "canary"}], "note": "canary"}
    code_tests(sample(RIGHT, reference))
    assert "canary" not in str(seen)


def test_the_executor_function_gets_code_and_arguments_and_answers_with_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[tuple[str, Any]] = []

    def invoke(function: str, payload: Any) -> Any:
        sent.append((function, json.loads(json.dumps(payload))))
        return [{"value": 2 * item["args"][0]} for item in payload["inputs"]]

    monkeypatch.setenv(FUNCTION_VARIABLE, "arn:executor:7")
    monkeypatch.setattr(aws, "invoke", invoke)
    assert code_tests(sample(RIGHT)).value == 1.0
    ((function, payload),) = sent
    assert function == "arn:executor:7"
    assert set(payload) == {"code", "entry_point", "inputs", "limits"}


@pytest.mark.parametrize("answer", [None, [], [{"value": 1}], "PASSED", [1, 2, 3, 4]])
def test_an_executor_that_does_not_answer_is_an_error_and_no_verdict(
    monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    monkeypatch.setenv(FUNCTION_VARIABLE, "arn:executor:7")
    monkeypatch.setattr(aws, "invoke", lambda function, payload: answer)
    with pytest.raises(ExecutorError):
        code_tests(sample(RIGHT))


def test_an_executor_that_fails_is_an_error_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def invoke(function: str, payload: Any) -> Any:
        raise aws.FunctionFailed("Runtime.ExitError")

    monkeypatch.setenv(FUNCTION_VARIABLE, "arn:executor:7")
    monkeypatch.setattr(aws, "invoke", invoke)
    with pytest.raises(ExecutorError, match="see its log group"):
        code_tests(sample(RIGHT))
