"""The numeric reward: references in every shape, tolerances, AWS's own samples, hostile text, the cheap path."""

import json
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rft.rewards import MissingReferenceError, Sample, math_answer
from rft.rewards.batch import score_batch
from rft.rewards.numeric import _simple_number, _simple_value, final_number, read_number

DATA = Path(__file__).parents[3] / "shared" / "data"


def sample(response: str, reference: object = "#### 72", **extra: object) -> Sample:
    return Sample("1", (), response, reference, extra)


def value(response: str, reference: object, **options: Any) -> float:
    return math_answer(sample(response, reference), **options).value


@pytest.mark.parametrize(
    "reference",
    [
        "so\n#### 1,000", "#### $1,000.00", "1000", "1,000", "$1,000",
        "1000 dollars", 1000, 1000.0, "\\boxed{1000}",
        "one thousand", {"text": "#### 1000"}, {"answer": "1000"}, {"answer": 1000}, {"final_answer": "#### 1000"},
        {"value": 1000.0}, {"ground_truth": "1000"}, {"answer": {"value": 1000}}, {"text": "#### 5",
        "answer": "1000"},
        "First 10, then 20.\nIn all it is 1000", "The answer is 1000.", "1e3", "1000%",
    ],
)  # fmt: skip
def test_the_reference_may_come_in_every_shape(reference: object) -> None:
    assert value("#### 1000", reference) == 1.0
    assert value("#### 1001", reference) == 0.0


def test_the_ground_truth_of_a_record_stands_for_a_missing_reference() -> None:
    assert math_answer(sample("#### 72", None, ground_truth="72")).value == 1.0
    assert math_answer(sample("#### 72", "#### 73", ground_truth="72")).value == 0.0


@pytest.mark.parametrize(
    "reference", [None, "none", "", True, {}, [], [72], float("nan"), {"answer": None}, "x^2"]
)
@pytest.mark.parametrize("response", ["#### ,", "#### 72", "", "none"])
def test_a_reference_without_a_number_is_an_error_and_not_a_guess(reference: object, response: str) -> None:
    with pytest.raises(MissingReferenceError):
        math_answer(sample(response, reference))


@pytest.mark.parametrize(
    ("response", "reference", "expected"),
    [
        # what AWS's sample rewards get wrong (read 2026-11-20)
        ("#### 72.", "... #### 72", 1.0), ("#### $18", "#### 18", 1.0), ("####18", "#### 18", 1.0),
        ("#### 18.00", "#### 18", 1.0), ("ANSWER: 0", "0.09", 0.0), ("ANSWER: 0.09", "0.09", 1.0),
        ("#### 0.1", "0.09", 0.0),
        ("#### 72\n" + "Because of that. " * 30, "#### 72", 1.0), ("**73**", "73", 1.0), ("#### 72", 72, 1.0),
        ("#### 1,000", "1,000", 1.0), ("#### ,", "72", 0.0), ("#### 72", {"text": "#### 72"}, 1.0),
        ("#### 720", "72", 0.0),
        ("#### 7.2", "72", 0.0), ("#### -72", "72", 0.0), ("#### 72", "-72", 0.0), ("#### 73", "#### 72", 0.0),
        # a percent sign on one side alone may or may not count
        ("#### 50%", "50", 1.0), ("#### 50%", "0.5", 1.0), ("#### 0.5", "50%", 1.0), ("#### 50", "50%", 1.0),
        ("#### 50%", "50%", 1.0), ("#### 0.5%", "50%", 0.0), ("#### 50", "0.5", 0.0), ("#### 5000%", "50", 1.0),
        # notations of one value
        ("#### 1/2", "0.5", 1.0), ("#### 0.33", "1/3", 0.0), ("#### 1.234,56", "1234.56", 1.0),
        ("#### 2½", "5/2", 1.0),
        ("\\boxed{\\frac{3}{4}}", "0.75", 1.0), ("#### three-quarters", "0.75", 1.0),
        ("#### 1.2 x 10^3", "1200", 1.0),
    ],
)  # fmt: skip
def test_style_never_costs_and_another_value_never_pays(
    response: str, reference: object, expected: float
) -> None:
    score = math_answer(sample(response, reference))
    assert score.value == expected
    assert score.components == {"number": expected}
    assert bool(score.reasons) == (expected == 0.0)


@pytest.mark.parametrize(
    ("response", "reference", "options", "expected"),
    [
        ("#### 3.33", "10/3", {"absolute": 0.005}, 1.0), ("#### 3.33", "10/3", {"absolute": 0.003}, 0.0),
        ("#### 101", "100", {"relative": 0.01}, 1.0), ("#### 101.1", "100", {"relative": 0.01}, 0.0),
        ("#### -101", "-100", {"relative": 0.01}, 1.0), ("#### 0.01", "0", {"relative": 0.5}, 0.0),
        ("#### 72.01", "72", {"absolute": 0.01}, 1.0), ("#### 72.0101", "72", {"absolute": 0.01}, 0.0),
        ("#### 105", "100", {"absolute": 1, "relative": 0.05}, 1.0), ("#### 72", "72", {"relative": 0.1}, 1.0),
        ("I get 72", "72", {"last_number": False}, 0.0), ("#### 72", "72", {"last_number": False}, 1.0),
    ],
)  # fmt: skip
def test_tolerance_is_explicit(
    response: str, reference: str, options: dict[str, Any], expected: float
) -> None:
    assert value(response, reference, **options) == expected


@pytest.mark.parametrize(
    "options", [{"absolute": -1}, {"relative": float("nan")}, {"absolute": float("inf")}]
)
def test_a_tolerance_that_is_none_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="finite and 0 or more"):
        value("#### 72", "72", **options)


PIECES = st.sampled_from(
    ["####", "#", " ", "72", "7", ",000", ".5", ".", "-", "$", "\n", "\\boxed{", "\\boxed{72}", "}",
     "<answer>", "or ", "=",
     "＃", "é", "</answer>", "</think>", "\r\n", "\\", "is 71", "the answer is ", "%", "**", "1,000", "(", "x", "0",
     "\u2028", "\t"]
)  # fmt: skip
ENDINGS = st.sampled_from(["", ".", "\n", ".\n\n", " ", " ."])


@settings(max_examples=1500, deadline=None)
@given(
    st.lists(PIECES, max_size=12),
    st.sampled_from(["72", "1,000", "-5", "$3.50", "07", "12,34", "-$1", "0.10"]),
    ENDINGS,
)
def test_the_cheap_path_comes_to_what_the_whole_one_does(pieces: list[str], number: str, ending: str) -> None:
    before = "".join(pieces)
    for text in (
        before,
        f"{before}#### {number}{ending}",
        f"{before} \\boxed{{{number}}}\n####{number}{ending}",
    ):
        written = _simple_number(text)
        if written is not None:
            assert read_number(text, True) == _simple_value(written)


@settings(deadline=None)
@given(st.text() | st.text("0123456789#,./-+eE$%\\{} boxedor\n="))
def test_no_response_makes_the_reward_raise(text: str) -> None:
    assert value(text, "72") in (0.0, 1.0)


@settings(deadline=None)
@given(st.integers(-(10**12), 10**12))
def test_every_whole_number_is_read_back(number: int) -> None:
    plain, grouped = str(number), f"{number:,}"
    spaced, underscored = grouped.replace(",", " "), f"{number:_}"
    for written in (plain, grouped, spaced, underscored, f"${plain}", f"{plain}.00", f"**{plain}**"):
        for text in (
            f"#### {written}",
            f"\\boxed{{{written}}}",
            f"The answer is {written}.",
            f"so\n#### {written}\n",
        ):
            assert final_number(text) == number


@settings(deadline=None)
@given(st.fractions(-1000, 1000, max_denominator=999))
def test_every_fraction_is_read_back(number: Fraction) -> None:
    top, bottom = number.numerator, number.denominator
    sign = "-" if top < 0 else ""
    for written in (
        f"{top}/{bottom}",
        f"{sign}\\frac{{{abs(top)}}}{{{bottom}}}",
        f"\\frac{{{top}}}{{{bottom}}}",
    ):
        assert final_number(f"#### {written}") == number
        assert final_number(f"$\\boxed{{{written}}}$") == number


@settings(deadline=None)
@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False))
def test_every_decimal_number_is_read_back_in_american_and_european_writing(number: Any) -> None:
    american = f"{number:,.2f}"
    for written in (american, f"{number:.2f}", american.translate(str.maketrans(",.", ".,"))):
        assert final_number(f"#### {written}") == Fraction(number)


@pytest.mark.parametrize(
    "piece",
    ["9", "#### ", "#### 72 x\n", "\\boxed{", "{", "}", "1,", "123,", "1/", "-", " or 1", "1 ", "123 ",
     "\\frac{", "1 or ",
     "\\text{ ", "the answer is ", "answer to ", "**", "*", "1.", "_1", "1'", "one ", "hundred and ", "9**",
     "^{9", "\\frac{1}{",
     "<answer>", "#### seventy or ", "\u0661", "½", "⁹", "1e", "or ", "\n", "#", "72 = ", "é#### 7\n"],
)  # fmt: skip
def test_a_megabyte_of_hostile_text_ends_soon(piece: str) -> None:
    began = time.process_time()
    for text in (
        piece * (1_000_000 // len(piece)),
        "#### " + piece * 40_000,
        "\\boxed{" + piece * 40_000 + "}",
    ):
        assert value(text, "72") in (0.0, 1.0)
    assert time.process_time() - began < 6.0


@pytest.mark.skipif(not (DATA / "gsm8k").is_dir(), reason="../shared/data/gsm8k is absent")
def test_every_answer_of_the_real_gsm8k_scores_itself() -> None:
    read = 0
    for name in ("train", "test"):
        for line in (DATA / "gsm8k" / f"{name}.jsonl").open(encoding="utf-8"):
            answer = json.loads(line)["answer"]
            assert final_number(answer) == Fraction(answer.split("####")[1].strip().replace(",", ""))
            assert value(answer, answer) == 1.0
            read += 1
    assert read == 8792


@pytest.mark.skipif(
    not (DATA / "bedrock-samples").is_dir(), reason="../shared/data/bedrock-samples is absent"
)
def test_the_dataset_of_the_aws_sample_scores_its_own_references_without_conversion() -> None:
    for path in sorted((DATA / "bedrock-samples").glob("*.jsonl")):
        records = [json.loads(line) for line in path.open(encoding="utf-8") if line.strip()]
        event = [
            {
                **record,
                "id": str(number),
                "messages": [*record["messages"], {"role": "assistant", "content": answer}],
            }
            for number, record in enumerate(records)
            for answer in [record["reference_answer"]]
        ]
        assert len(event) > 90
        assert {score["aggregate_reward_score"] for score in score_batch(event, math_answer)} == {1.0}
