"""Final numbers: style never costs, guessing never pays, hostile text is only text."""

import json
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import (
    MissingReferenceError,
    Sample,
    ends_with_answer_line,
    final_number,
    math_answer,
    not_longer_than,
)

GSM8K = Path(__file__).parents[3] / "shared" / "data" / "gsm8k"


def sample(response: str, reference: object = "#### 72") -> Sample:
    return Sample("1", (), response, reference)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("#### 72", 72), ("#### 72.", 72), ("####\n72", 72), ("**#### 72**", 72), ("#### **72**", 72),
        ("####72", 72),
        ("\\boxed{72}", 72), ("$\\boxed{\\$1{,}000}$", 1000), ("\\boxed{\\frac{1}{2}}", "1/2"),
        ("the answer is 72 apples.", 72), ("The final answer is: **−5**", -5), ("Answer: 3/4", "3/4"),
        ("so 48+24 = 72", 72), ("I get 72.", 72), ("72", 72), ("-7", -7), ("#### 0.50", "1/2"),
        ("#### .5", "1/2"),
        ("#### $1,234.50", "1234.5"), ("#### € 1,000,000", 1_000_000), ("#### 50%", 50),
        ("#### 1 1/2", "3/2"),
        ("#### 1e3", 1000), ("#### x = 72", 72), ("#### 10/2", 5), ("#### 72 clips in 2 months", 72),
        ("First 3.\nAnswer: 18\n", 18), ("#### ７２", 72), ("#### 72\nSo \\boxed{72}", 72), ("#### -$5", -5),
    ],
)  # fmt: skip
def test_a_final_number_is_read_in_every_usual_style(text: str, value: str | int) -> None:
    assert final_number(text) == Fraction(value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "no number", "####", "#### none", "It could be 1, 2, 3 or 72", "#### 1\n#### 72",
        "#### 5 or 72",
        "#### 1 2 3", "#### 72 and 73", "#### 72\n\\boxed{71}", "#### 48+24", "#### 9**9**9",
        "#### 2023-01-05",
        "answer: 1, 2, 72", "10, 20, 72", "#### 1/0", "#### " + "9" * 61, "Either 71 or 72.",
    ],
)  # fmt: skip
def test_a_guess_or_nothing_is_no_final_number(text: str) -> None:
    assert final_number(text) is None


@pytest.mark.parametrize(
    "reference", ["so\n#### 1,000", "1000", 1000, 1000.0, {"text": "#### 1000"}, {"answer": "1000"}]
)
def test_the_reference_may_come_in_every_form(reference: object) -> None:
    assert math_answer(sample("#### 1000", reference)) == 1.0
    assert math_answer(sample("#### 1001", reference)) == 0.0


@pytest.mark.parametrize("reference", [None, "none", "", True, {}, []])
def test_a_reference_without_a_number_is_an_error_and_not_a_guess(reference: object) -> None:
    with pytest.raises(MissingReferenceError):
        math_answer(sample("#### ,", reference))


@given(st.text() | st.text("0123456789#,./-+eE$%\\{} boxedor\n="))
def test_no_response_makes_the_reward_raise(text: str) -> None:
    assert math_answer(sample(text)) in (0.0, 1.0)


@given(st.integers(-(10**12), 10**12))
def test_every_whole_number_is_read_back(number: int) -> None:
    for text in (f"#### {number}", f"#### {number:,}", f"\\boxed{{{number}}}", f"The answer is {number}."):
        assert final_number(text) == number


@pytest.mark.parametrize(
    "piece",
    [
        "9",
        "#### ",
        "\\boxed{",
        "1,",
        "1/",
        "-",
        " or 1",
        "1 ",
        "\\frac{",
        "1 or ",
        "\\text{ ",
        "the answer is ",
        "**",
        "1.",
    ],
)
def test_hostile_text_takes_less_than_a_second(piece: str) -> None:
    began = time.monotonic()
    final_number(piece * (1_000_000 // len(piece)))
    final_number("#### " + piece * 20_000)
    assert time.monotonic() - began < 1.5


def test_the_answer_line_must_be_the_last_and_the_only_one() -> None:
    assert ends_with_answer_line("so\n#### 1,000\n") == 1.0
    for text in ("#### 72\nBye!", "#### 1\n#### 72", "72", "#### 72 apples", "x #### 72", ""):
        assert ends_with_answer_line(text) == 0.0


def test_length_costs_gradually() -> None:
    assert [not_longer_than("x" * n, 10) for n in (0, 10, 15, 20, 99)] == [1.0, 1.0, 0.5, 0.0, 0.0]
    with pytest.raises(ValueError, match="above 0"):
        not_longer_than("", 0)


@pytest.mark.skipif(not GSM8K.is_dir(), reason="../shared/data/gsm8k is absent")
def test_every_answer_of_the_real_gsm8k_is_read() -> None:
    for name in ("train", "test"):
        for line in (GSM8K / f"{name}.jsonl").open(encoding="utf-8"):
            answer = json.loads(line)["answer"]
            assert final_number(answer) == Fraction(answer.split("####")[1].strip().replace(",", ""))
