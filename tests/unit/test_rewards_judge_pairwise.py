"""Two answers are compared in both orders, and only a side that wins both times is preferred."""

from typing import Any

import pytest

from rft.rewards import RAG_FAITHFULNESS, SUMMARISATION, MissingReferenceError, preferred
from rft.rewards.judge.asking import JudgeError
from tests.unit.judge_world import answer_of, sample, scripted, tool_answer


def compared(better: Any) -> dict[str, Any]:
    return tool_answer({"reason": "why", "better": better}, name="hand_in_comparison")


@pytest.mark.parametrize(
    ("verdicts", "value", "by_order"),
    [
        (("first", "second"), 1.0, 0.0),
        (("second", "first"), 0.0, 0.0),
        (("tie", "tie"), 0.5, 0.0),
        (("first", "first"), 0.5, 1.0),
        (("second", "second"), 0.5, 1.0),
        (("first", "tie"), 0.5, 0.0),
        (("tie", "first"), 0.5, 0.0),
    ],
)
def test_a_side_must_win_in_both_orders(verdicts: tuple[str, str], value: float, by_order: float) -> None:
    answers = iter(verdicts)
    with scripted(lambda request: compared(next(answers))):
        score = preferred(sample("On the mat."), SUMMARISATION)
    assert score.value == value
    assert score.components == {"preferred": value, "order_decided": by_order}


def test_both_orders_are_shown_and_the_other_answer_is_not_shown_as_the_reference() -> None:
    with scripted(lambda request: compared("tie")) as judge:
        preferred(sample("MINE", "OTHER"), SUMMARISATION)
        preferred(sample("MINE", "GOLD"), SUMMARISATION, over="OTHER")
    for text, first, second in zip(judge.texts, ("MINE", "OTHER") * 2, ("OTHER", "MINE") * 2, strict=True):
        assert text.index("<first-") < text.index(first) < text.index("<second-") < text.index(second)
    assert ["<reference-" in text for text in judge.texts] == [False, False, True, True]


@pytest.mark.parametrize("better", ["First", "both", "", None, 1, True, ["first"], {}])
def test_a_verdict_that_cannot_be_read_is_an_error_and_no_tie(better: Any) -> None:
    with scripted(lambda request: compared(better), unparseable="floor"), pytest.raises(JudgeError):
        preferred(sample("On the mat."), SUMMARISATION)


def test_prose_is_no_verdict() -> None:
    prose = answer_of([{"text": "The first is better."}], stopReason="end_turn")
    with scripted(lambda request: prose), pytest.raises(JudgeError):
        preferred(sample("On the mat."), SUMMARISATION)


def test_an_answer_without_content_loses_without_a_call() -> None:
    with scripted(lambda request: compared("first")) as judge:
        assert preferred(sample("Thought process:"), SUMMARISATION).value == 0.0
    assert judge.requests == []


def test_there_must_be_something_to_compare_with() -> None:
    with pytest.raises(MissingReferenceError):
        preferred(sample("On the mat.", None), RAG_FAITHFULNESS, context="It sat there.")
    with scripted(lambda request: compared("tie")):
        assert preferred(sample("Mat.", None), RAG_FAITHFULNESS, over="Roof.", context="Mat.").value == 0.5
