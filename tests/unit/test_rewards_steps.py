"""Arithmetic on the way: right steps pay, wrong ones cost, empty ones do not help."""

import json
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rft.rewards import MissingReferenceError, Sample, step_check
from rft.rewards.expressions import evaluate
from rft.rewards.step_finding import find_steps

GSM8K = Path(__file__).parents[3] / "shared" / "data" / "gsm8k"
REFERENCE = "Natalia sold 48/2 = <<48/2=24>>24 clips in May.\nIn all 48+24 = <<48+24=72>>72 clips.\n#### 72"


def value(response: str, reference: object = REFERENCE, **options: float) -> float:
    return step_check(Sample("1", (), response, reference), **options).value


RIGHT_STEPS = [
    "48/2 = 24", "48 / 2 = 24", "48 ÷ 2 = 24", "12 × 6 = 72", "12 x 6 = 72", "12·6=72", "12 * 6 = 72",
    "3 times 4 = 12",
    "<<48/2=24>>", "$15 + $23 = $38", "£1,000 + £500 = £1,500", "1 000 + 500 = 1 500", "48 clips / 2 = 24 clips",
    "5 snakes/jaguar * 6 jaguars = 30 snakes", "20 total gnomes – 12 gnomes = 8 gnomes", "10/3 = 3.33",
    "20/3 = 6.67",
    "20/3 = 6.66", "1/3 = 0.3", "10/3 ≈ 3", "2/3 ≈ 0.667", "50% of 80 = 40", "1/2 of 16 = 8", "80 * 25% = 20",
    "10/50*100 = 20%",
    "10/50 = 20%", "100% - 40% = 60%", "(2 + 3) * 4 = 20", "2(3 + 4) = 14", "-5 + 3 = -2", "3 - 5 = -2",
    "2^3 = 8", "2^{3} = 8",
    "\\frac{48}{2} = 24", "48 \\div 2 = 24", "6 \\times 12 = 72", "$6 \\times 12 = 72$", "\\(48 + 24 = 72\\)",
    "\\frac{48}{2+1} = 16", "1 1/2 * 4 = 6", "2.5 + 2.5 = 5", "0.5 * 10 = 5.0", "(48/2 = 24)",
    "1/2 + 1/4 = 3/4", "48/2 = \\boxed{24}",
    "8 * 12 = 16 * 6", "**48/2 = 24**", "1. 48/2 = 24", "12 − 4 = 8", "२ + २ = ४",
    "5 minus 3 = 2", "2 plus 2 = 4",
]  # fmt: skip
WRONG_STEPS = [
    "48/2 = 25", "48 - 24 = 72", "<<48/2=25>>", "10/3 = 3.34", "10/3 = 3", "7/2 = 4", "1/300 = 0.0", "20/3 = 6.68",
    "$15 + $23 = $39", "50% of 80 = 50", "48 clips / 2 = 25 clips", "(2 + 3) * 4 = 14", "-5 + 3 = 2",
    "2^3 = 6", "1 1/2 * 4 = 5",
    "\\frac{48}{2} = 42", "6 \\times 12 = 27", "0.125 * 10 = 1.26", "1,000 + 500 = 15,000", "10/3 ≈ 4",
    "100% - 40% = 50%",
]  # fmt: skip
NOT_STEPS = [
    "", "x = 5", "1 hour = 60 minutes", "2x + 4 = 10", "x + 3 = 5", "3p = 3000", "p + $600 = 800", "=",
    "= = =", "5 = 5", "a = b",
    "48 / 0 = 24", "48 / = 24", "the other 10 = 96 / 6", "5 * something = 10", "48 + 24", "((((", "))))",
    "1 = 2 = 3", "5 + / 3 = 8",
    "2**9**9 = 7", "9^9^9^9 = 1", "9^999999 = 1", "__import__('os') + 1 = 2", "250 of the books - 135 - 50 = 65",
]  # fmt: skip


@pytest.mark.parametrize("text", RIGHT_STEPS)
def test_a_right_step_is_found_right(text: str) -> None:
    for written in (text, f"So {text}.", f"We know that {text}, which is enough."):
        steps = find_steps(written)
        assert steps
        assert all(step.right for step in steps)


@pytest.mark.parametrize("text", WRONG_STEPS)
def test_a_wrong_step_is_found_wrong(text: str) -> None:
    for written in (text, f"So {text}."):
        assert [step.right for step in find_steps(written)] == [False]


@pytest.mark.parametrize("text", NOT_STEPS)
def test_what_cannot_be_read_for_certain_is_no_step(text: str) -> None:
    assert find_steps(text) == []


def test_a_chain_is_as_many_steps_as_it_has_equations_that_calculate() -> None:
    assert [step.right for step in find_steps("2 + 3 + 4 = 5 + 4 = 9")] == [True, True]
    assert [step.right for step in find_steps("2 + 3 + 4 = 6 + 4 = 9")] == [False, False]
    assert [step.result for step in find_steps("48 / 2 = 24 = 12 * 2")] == [24, 24]
    assert [step.right for step in find_steps("Steps:\n- 48/2 = 24\n* 24 - 4 = 20\n2. 20 + 1 = 21")] == [
        True
    ] * 3


def test_an_annotation_and_the_text_around_it_are_both_checked() -> None:
    assert [step.right for step in find_steps("48/2 = <<48/2=24>>24")] == [True]
    assert sorted(step.right for step in find_steps("48/2 = <<48/2=24>>25")) == [False, True]


def test_right_steps_and_answer_earn_everything() -> None:
    assert value("48/2 = 24\n48 + 24 = 72\n#### 72") == 1.0
    assert value(REFERENCE) == 1.0


def test_answers_are_ordered_as_their_reasoning_deserves() -> None:
    best = value("48/2 = 24, 48 + 24 = 72\n#### 72")
    silent = value("#### 72")
    one_flaw = value("48/2 = 25, 48 + 24 = 72\n#### 72")
    all_flawed = value("48/2 = 25, 48 + 25 = 72\n#### 72")
    slip = value("48/2 = 24, 48 + 24 = 72\n#### 73")
    half = value("48/2 = 24\n#### 73")
    assert best == 1.0
    assert best > silent > slip > half > 0
    assert best > one_flaw > all_flawed > slip
    assert value("#### 73") == value("") == value("#### 71 or 72") == 0.0


def test_steps_that_lead_nowhere_earn_nothing_under_a_wrong_answer() -> None:
    assert value("1 + 1 = 2, 2 + 2 = 4\n#### 73") == 0.0
    assert value("48/2 = 25, 48 + 25 = 73\n#### 73") == 0.0
    assert value("48/2 = 24, 48 + 24 = 72\n#### 73", "72") == 0.0


def test_listing_every_sum_reaches_little() -> None:
    listed = "\n".join(f"{n} + 2 = {n + 2}" for n in range(100))
    assert value(f"{listed}\n#### 73") < 0.01


def test_padding_does_not_hide_a_wrong_step() -> None:
    flawed = "48/2 = 25, 48 + 24 = 72\n#### 72"
    padding = "\n".join(f"{n} + 1 = {n + 1}" for n in range(2, 100))
    assert value(f"{padding}\n{flawed}") <= value(flawed)
    assert value("5 * 1 = 5, 7 + 0 = 7\n" + flawed) <= value(flawed)
    assert value("48/2 = 24\n48/2 = 24\n48/2 = 24\n" + flawed) <= value(flawed)


def test_trivial_steps_are_no_steps() -> None:
    assert value("72 * 1 = 72, 72 + 0 = 72\n#### 72") == value("#### 72")


def test_components_tell_the_answer_from_the_way() -> None:
    score = step_check(Sample("1", (), "48/2 = 24, 48 + 24 = 71\n#### 71", REFERENCE))
    assert dict(score.components) == {
        "correct_answer": 0.0,
        "step_accuracy": 0.5,
        "has_steps": 1.0,
        "reference_steps": 0.5,
        "step_1": 1.0,
        "step_2": 0.0,
    }
    assert "1 of 2 steps wrong" in score.reasons


@pytest.mark.parametrize(
    "options",
    [
        {"partial": 0.5},
        {"partial": 0.9},
        {"flawed": 0.7},
        {"without_steps": 0.3},
        {"flawed": 1.5},
        {"partial": -1},
    ],
)
def test_options_that_would_pay_for_a_wrong_answer_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        value("#### 72", **options)


def test_the_share_for_right_reasoning_can_be_raised() -> None:
    assert value("48/2 = 24, 48 + 24 = 72\n#### 73", flawed=0.1, partial=0.75) == 0.75


def test_a_reference_without_a_number_is_an_error() -> None:
    with pytest.raises(MissingReferenceError):
        value("48/2 = 24", "none")


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([Fraction(7), Fraction(0), "+", "-", "*", "/", "^", "(", ")", "%"]), max_size=70)
)
def test_no_expression_makes_the_evaluator_raise(tokens: list[Fraction | str]) -> None:
    evaluate(tokens)


@settings(deadline=None)
@given(st.integers(-999, 999), st.integers(-999, 999), st.integers(1, 999))
def test_the_evaluator_agrees_with_python(a: int, b: int, c: int) -> None:
    x, y, z = Fraction(a), Fraction(b), Fraction(c)
    assert evaluate([x, "+", y, "*", z]) == x + y * z
    assert evaluate(["(", x, "-", y, ")", "/", z]) == (x - y) / z
    assert evaluate([x, "-", y, "-", z]) == x - y - z
    assert evaluate(["-", z, "^", Fraction(2)]) == -(z**2)
    assert evaluate([Fraction(2), "^", Fraction(3), "^", Fraction(2)]) == 512


@settings(deadline=None)
@given(st.text() | st.text("0123456789+-*/^=()%$ x.,<>\n"))
def test_no_response_makes_the_reward_raise(text: str) -> None:
    assert 0.0 <= value(text) <= 1.0


@pytest.mark.parametrize(
    "piece",
    [
        "9",
        "1+",
        "(",
        ")",
        "1=",
        "=",
        "1+1=2\n",
        "<<",
        "<<1+1=2>>",
        "9**",
        "9^",
        "1 1/2 ",
        "x ",
        "%",
        "1,000",
        "a",
        " ",
        "* ",
        "1 000 ",
    ],
)
def test_a_megabyte_of_hostile_text_ends_soon(piece: str) -> None:
    began = time.process_time()
    assert 0.0 <= value(piece * (1_000_000 // len(piece))) <= 1.0
    assert time.process_time() - began < 6.0


@pytest.mark.skipif(not GSM8K.is_dir(), reason="../shared/data/gsm8k is absent")
def test_the_steps_of_the_real_gsm8k_are_right_but_for_its_own_mistakes() -> None:
    steps = [
        step
        for line in (GSM8K / "test.jsonl").open(encoding="utf-8")
        for step in find_steps(json.loads(line)["answer"])
    ]
    assert len(steps) > 4000
    assert sum(not step.right for step in steps) / len(steps) < 0.005
