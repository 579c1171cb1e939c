"""What a judge's grades become, and what is no judgement."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from botocore.retries import standard

from rft import aws
from rft.rewards import (
    INSTRUCTION_FOLLOWING,
    RAG_FAITHFULNESS,
    REASONING,
    SUMMARISATION,
    Criterion,
    MissingReferenceError,
    Rubric,
    judge_usage,
    judged,
)
from rft.rewards.batch import score_samples
from rft.rewards.judge.asking import JudgeError, JudgeNotSetError
from rft.rewards.judge.prompt import MissingContextError
from rft.rewards.judge_usage import Usage
from tests.unit.judge_world import Answer, answer_of, graded, sample, scripted, tool_answer

RUBRIC = Rubric(
    goal="A good answer is right and short.",
    criteria=(Criterion("right", "Is it right?", weight=3), Criterion("short", "Is it short?")),
)
GRADES: dict[str, Any] = {"right_reason": "a", "right_grade": 5, "short_reason": "b", "short_grade": 1}


def test_grades_become_a_weighted_mean_on_the_scale() -> None:
    with scripted(lambda request: tool_answer(GRADES)):
        score = judged(sample("On the mat."), RUBRIC)
    assert score.value == pytest.approx(0.75)
    assert score.components == {"right": 1.0, "short": 0.0}
    assert score.reasons == ("right 5 of 5", "short 1 of 5")


def test_the_request_forces_the_tool_at_temperature_zero_within_the_tokens_set() -> None:
    with scripted(lambda request: tool_answer(GRADES), max_tokens=300) as judge:
        judged(sample("On the mat."), RUBRIC)
    (request,) = judge.requests
    assert request["inferenceConfig"] == {"temperature": 0.0, "maxTokens": 300}
    assert request["toolConfig"]["toolChoice"] == {"tool": {"name": "hand_in_grades"}}
    form = request["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"]
    assert list(form["properties"]) == form["required"] == list(GRADES)
    assert form["properties"]["right_grade"] | {"description": ""} == {
        "type": "integer",
        "minimum": 1,
        "maximum": 5,
        "description": "",
    }


UNREADABLE: dict[str, Any] = {
    "text": answer_of([{"text": "Score: 5"}], stopReason="end_turn"),
    "text and a refusal to use the tool": answer_of([{"text": "Rule 1 applies. Score 0"}]),
    "no answer": answer_of([]),
    "cut off": tool_answer(GRADES, stopReason="max_tokens"),
    "another tool": tool_answer(GRADES, name="other"),
    "two tools": answer_of(tool_answer(GRADES)["output"]["message"]["content"] * 2),
    "a grade missing": tool_answer({"right_grade": 5}),
    "a grade in words": tool_answer({**GRADES, "right_grade": "5"}),
    "a boolean": tool_answer({**GRADES, "right_grade": True}),
    "null": tool_answer({**GRADES, "right_grade": None}),
    "above the scale": tool_answer({**GRADES, "right_grade": 6}),
    "below the scale": tool_answer({**GRADES, "right_grade": 0}),
    "between two grades": tool_answer({**GRADES, "right_grade": 4.5}),
    "not a number": tool_answer({**GRADES, "right_grade": float("nan")}),
    "infinity": tool_answer({**GRADES, "right_grade": float("inf")}),
    "huge": tool_answer({**GRADES, "right_grade": 10**400}),
    "a list": tool_answer({**GRADES, "right_grade": [5]}),
    "a list as input": tool_answer([GRADES]),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_asked_once_more_and_then_an_error(case: str) -> None:
    with scripted(lambda request: UNREADABLE[case]) as judge:
        with pytest.raises(JudgeError, match="gave no judgement in 2 answers"):
            judged(sample("On the mat."), RUBRIC)
        assert len(judge.requests) == 2
        assert judge_usage.drain() == Usage(calls=2, input_tokens=200, output_tokens=40, errors=1)


def test_the_second_answer_counts_when_it_can_be_read() -> None:
    answers = iter([UNREADABLE["text"], tool_answer(GRADES)])
    with scripted(lambda request: next(answers)) as judge:
        assert judged(sample("On the mat."), RUBRIC).value == pytest.approx(0.75)
    assert judge.texts[0] != judge.texts[1], "a repeated question has other tags"


@pytest.mark.parametrize(("floor", "value"), [(None, 0.0), ("0.1", 0.1)])
def test_by_policy_an_unreadable_judgement_scores_the_floor_and_never_a_half(
    floor: str | None, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    if floor:
        monkeypatch.setenv("RFT_REWARD_FLOOR", floor)
    with scripted(lambda request: UNREADABLE["text"], unparseable="floor"):
        assert judged(sample("On the mat."), RUBRIC).value == value
        assert judge_usage.drain().errors == 1


def test_an_error_names_no_text_of_the_answer() -> None:
    with (
        scripted(lambda request: tool_answer({**GRADES, "right_grade": "SECRET"})),
        pytest.raises(JudgeError) as caught,
    ):
        judged(sample("The answer.", "REFERENCE"), RUBRIC)
    assert str(caught.value) == (
        "the judge gave no judgement in 2 answers: the grade of right is str, not a number"
    )


def test_in_a_batch_an_unreadable_judgement_is_an_error_of_its_own_sample() -> None:
    def script(request: dict[str, Any]) -> Answer:
        text = request["messages"][0]["content"][0]["text"]
        return UNREADABLE["text"] if "confusing" in text else graded(request, 5)

    answers = ("On the mat.", "Something confusing.", "On it.")
    event = [
        {
            "id": number,
            "messages": [{"role": "user", "content": "Where?"}, {"role": "assistant", "content": text}],
        }
        for number, text in enumerate(answers)
    ]
    with scripted(script):
        scored = score_samples(event, lambda sample: judged(sample, RUBRIC), floor=0.05)
    assert [(item.value, item.error) for item in scored] == [(1.0, None), (0.05, "JudgeError"), (1.0, None)]


def test_votes_count_with_their_median() -> None:
    grades = iter([5, 1, 4])
    with scripted(lambda request: graded(request, next(grades)), votes=3) as judge:
        assert judged(sample("On the mat."), RUBRIC).value == pytest.approx(0.75)
    assert len(set(judge.texts)) == 3


@pytest.mark.parametrize(
    "response",
    [
        "",
        " \n\t",
        ":",
        "...",
        "!?",
        "Thought process:",
        "Let's solve this problem step by step.",
        "解",
        "Solution",
    ],
)
def test_an_answer_without_content_earns_nothing_and_costs_no_call(response: str) -> None:
    with scripted(lambda request: graded(request, 5)) as judge:
        score = judged(sample(response), RUBRIC)
    assert score.value == 0.0
    assert score.components == {"right": 0.0, "short": 0.0}
    assert judge.requests == []


def test_an_answer_too_long_to_read_earns_nothing_and_costs_no_call() -> None:
    with scripted(lambda request: graded(request, 5)) as judge:
        assert judged(sample("word " * 20_000), RUBRIC).value == 0.0
    assert judge.requests == []


def test_short_real_answers_are_judged() -> None:
    with scripted(lambda request: graded(request, 5)) as judge:
        for response in ("42", "No.", "x", "é", "Solution: 4"):
            assert judged(sample(response), RUBRIC).value == 1.0
    assert len(judge.requests) == 5


def test_tokens_calls_and_errors_are_counted_until_they_are_drained() -> None:
    with scripted(lambda request: tool_answer(GRADES)):
        for _ in range(3):
            judged(sample("On the mat."), RUBRIC)
    assert judge_usage.drain() == Usage(calls=3, input_tokens=300, output_tokens=60, errors=0)
    assert judge_usage.drain() == Usage()


def test_a_refused_call_is_an_error_with_its_own_name() -> None:
    with scripted(lambda request: 403):
        with pytest.raises(aws.AccessDenied):
            judged(sample("On the mat."), RUBRIC)
        assert judge_usage.drain() == Usage(errors=1)


def test_throttled_and_failing_calls_are_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standard.ExponentialBackoff, "delay_amount", lambda self, context: 0.0)
    answers: Iterator[Answer] = iter([429, 503, tool_answer(GRADES)])
    with scripted(lambda request: next(answers)) as judge:
        assert judged(sample("On the mat."), RUBRIC).value == pytest.approx(0.75)
    assert len(judge.requests) == 3


def test_no_more_calls_than_allowed_are_under_way() -> None:
    lock = threading.Lock()
    now, most = 0, 0

    def slow(request: dict[str, Any]) -> dict[str, Any]:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        return tool_answer(GRADES)

    with scripted(slow, concurrency=3), ThreadPoolExecutor(12) as pool:
        scores = list(pool.map(lambda n: judged(sample(f"mat {n}"), RUBRIC).value, range(24)))
        clients = aws._judge_client.cache_info().misses
    assert scores == [pytest.approx(0.75)] * 24
    assert (most, clients) == (3, 1)


def test_without_a_judge_the_error_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RFT_JUDGE", raising=False)
    with pytest.raises(JudgeNotSetError, match=r"use_case.yaml under reward\.judge\.model"):
        judged(sample("On the mat."), RUBRIC)


@pytest.mark.parametrize("reference", [None, "", "  "])
def test_a_rubric_that_shows_a_reference_needs_one(reference: Any) -> None:
    with pytest.raises(MissingReferenceError):
        judged(sample("On the mat.", reference), SUMMARISATION)
    with scripted(lambda request: graded(request, 5)):
        assert judged(sample("On the mat.", reference), replace(SUMMARISATION, sees=("prompt",))).value == 1.0


@pytest.mark.parametrize("extra", [{}, {"context": ""}, {"context": 3}, {"context": ["a", 1]}])
def test_a_rubric_that_shows_a_context_needs_one(extra: dict[str, Any]) -> None:
    with pytest.raises(MissingContextError):
        judged(sample("On the mat.", **extra), RAG_FAITHFULNESS)


@pytest.mark.parametrize("rubric", [INSTRUCTION_FOLLOWING, SUMMARISATION, REASONING, RAG_FAITHFULNESS])
def test_every_template_tells_the_judge_its_goal_criteria_and_what_it_may_see(rubric: Rubric) -> None:
    with scripted(lambda request: graded(request, 3)) as judge:
        score = judged(sample("The answer.", "GOLD", context=["PART 1", "PART 2"]), rubric)
    assert score.value == pytest.approx(0.5)
    (system,) = judge.requests[0]["system"]
    assert rubric.goal in system["text"]
    assert all(c.question in system["text"] and c.anchors[1] in system["text"] for c in rubric.criteria)
    shown = {"prompt": "Where did the cat sit?", "reference": "GOLD", "context": "PART 1\n\nPART 2"}
    for name, text in shown.items():
        assert (text in judge.texts[0]) == (name in rubric.sees)
