"""The wire: every shape that AWS's own samples use is read, and one bad sample never costs the batch."""

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import Sample, Score, reference_response, tagged, weighted
from rft.rewards.batch import score_batch
from rft.rewards.contract import BadSampleError, MissingReferenceError, parse_sample

ANSWER = {"role": "assistant", "content": "42"}
QUESTION = {"role": "user", "content": "What is it?"}


def item(identity: Any = "a", **more: Any) -> dict[str, Any]:
    return {"id": identity, "messages": [QUESTION, ANSWER], **more}


def half(_: Sample) -> float:
    return 0.5


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"metadata": {"reference_answer": "x"}}, "x"),
        ({"reference_answer": "x"}, "x"),
        ({"reference_answer": {"text": "x"}}, "x"),
        ({"metadata": {"reference_answer": {"text": "x"}}}, "x"),
        ({"metadata": {"reference_answer": {"a": 1}}}, {"a": 1}),
        ({"reference_answer": 0}, 0),
        ({"metadata": None}, None),
        ({}, None),
    ],
)
def test_the_reference_is_found_wherever_it_arrives(more: dict[str, Any], expected: Any) -> None:
    assert parse_sample(item(**more)).reference == expected


@pytest.mark.parametrize("role", ["assistant", "nova_assistant"])
@pytest.mark.parametrize("content", ["42", [{"type": "text", "text": "4"}, {"text": "2"}]])
def test_an_answer_is_read_from_any_role_and_content(role: str, content: Any) -> None:
    sample = parse_sample({"id": 1, "messages": [QUESTION, {"role": role, "content": content}]})
    assert (sample.response, sample.prompt, len(sample.messages)) == ("42", "What is it?", 1)


def test_extra_keys_arrive_from_metadata_and_top_level_without_the_reference() -> None:
    sample = parse_sample(item(domain="x", metadata={"reference_answer": "r", "rft": {"run": "1"}}))
    assert dict(sample.extra) == {"domain": "x", "rft": {"run": "1"}}


def test_an_answer_without_content_is_empty() -> None:
    assert parse_sample({"id": 1, "messages": [{"role": "assistant", "content": None}]}).response == ""


@pytest.mark.parametrize(
    "bad", [3, None, {}, {"messages": []}, {"messages": [QUESTION]}, {"messages": ["x"]},
            {"messages": [{"role": "assistant", "content": 5}]}]
)  # fmt: skip
def test_a_sample_off_the_wire_format_is_refused(bad: Any) -> None:
    with pytest.raises(BadSampleError):
        parse_sample(bad)


def test_a_reference_stands_for_its_ideal_response() -> None:
    assert reference_response("so\n#### 72") == "so\n#### 72"
    assert reference_response({"text": "x"}) == "x"
    assert json.loads(reference_response({"a": "é"})) == {"a": "é"}
    with pytest.raises(MissingReferenceError):
        reference_response(None)


def test_ids_and_their_types_come_back_in_order() -> None:
    ids = ["b", 7, "a", None, 1.5]
    assert [scored["id"] for scored in score_batch([item(i) for i in ids], half)] == ids
    assert [scored["id"] for scored in score_batch([item(i) for i in ids], half, seconds=5)] == ids


@pytest.mark.parametrize("given", [float("nan"), float("inf"), -math.inf, "1", None, True, Score(math.nan)])
def test_a_reward_that_is_no_finite_number_gets_the_floor_and_is_counted(given: Any) -> None:
    (scored,) = score_batch([item()], lambda _: given, floor=0.2)
    assert scored["aggregate_reward_score"] == 0.2
    assert scored["metrics_list"] == [{"name": "reward_error", "value": 1.0, "type": "Metric"}]


@pytest.mark.parametrize(("given", "clamped"), [(-3, 0.0), (1.7, 1.0), (0.4, 0.4)])
def test_a_reward_is_clamped_to_zero_and_one(given: float, clamped: float) -> None:
    assert score_batch([item()], lambda _: given)[0]["aggregate_reward_score"] == clamped


@pytest.mark.parametrize("error", [ValueError("secret text"), SystemExit(0), RecursionError(), MemoryError()])
def test_a_reward_that_raises_costs_only_its_own_sample(error: BaseException) -> None:
    def reward(sample: Sample) -> float:
        if sample.id == "bad":
            raise error
        return 1.0

    scores = score_batch([item("a"), item("bad"), item("b"), 17], reward)
    assert [scored["aggregate_reward_score"] for scored in scores] == [1.0, 0.0, 1.0, 0.0]
    assert "secret" not in json.dumps(scores)


def test_a_reward_that_hangs_costs_only_its_own_sample() -> None:
    def reward(sample: Sample) -> float:
        if sample.id == "slow":
            time.sleep(20)
        return 1.0

    began = time.monotonic()
    scores = score_batch([item("a"), item("slow"), item("b")], reward, seconds=0.8)
    assert [scored["aggregate_reward_score"] for scored in scores] == [1.0, 0.0, 1.0]
    assert time.monotonic() - began < 5


def sleepy(_: object) -> float:
    time.sleep(0.05)
    return 1.0


def test_samples_beyond_the_time_budget_get_the_floor() -> None:
    scores = score_batch([item(n) for n in range(50)], sleepy, seconds=0.5, floor=0.1)
    assert len(scores) == 50
    assert scores[0]["aggregate_reward_score"] == 1.0
    assert scores[-1]["aggregate_reward_score"] == 0.1


@pytest.mark.parametrize("event", [{"samples": []}, "x", None])
def test_an_event_that_is_no_list_is_a_clear_error(event: Any) -> None:
    with pytest.raises(ValueError, match="must be a JSON list"):
        score_batch(event, half)


@given(st.lists(st.recursive(st.none() | st.booleans() | st.floats() | st.text(),
                             lambda c: st.lists(c) | st.dictionaries(st.sampled_from(
                                 ["id", "messages", "role", "content", "metadata", "x"]), c))))  # fmt: skip
def test_any_json_list_is_scored_without_raising(event: list[Any]) -> None:
    scores = score_batch(event, half)
    assert len(scores) == len(event)
    assert all(0 <= scored["aggregate_reward_score"] <= 1 for scored in scores)


def test_weights_are_normalised_and_components_kept() -> None:
    score = weighted(correct=(3, 1.0), form=(1, Score(0.0, reasons=("no form",))))
    assert score == Score(0.75, {"correct": 1.0, "form": 0.0}, ("no form",))


@pytest.mark.parametrize("parts", [{}, {"a": (0, 1.0)}, {"a": (-1, 1.0), "b": (2, 1.0)}])
def test_weights_without_sense_are_refused(parts: dict[str, tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="weights"):
        weighted(**parts)


def test_a_part_that_is_not_a_number_is_an_error_and_not_a_reward() -> None:
    scored = score_batch([item()], lambda _: weighted(a=(1, math.nan), b=(1, 1.0)))[0]
    assert scored["aggregate_reward_score"] == 0.0
    assert scored["metrics_list"][-1]["name"] == "reward_error"


@pytest.mark.parametrize(
    ("content", "reasoning", "response"),
    [
        ("<think>so</think>\n42", "so", "\n42"),
        ("  <Thinking>so</thinking>42", "so", "42"),
        ("<reasoning>a</reasoning><think>b</think>", "a", "<think>b</think>"),
        ("<think>never ends 42", "never ends 42", ""),
        ("I <think> so</think>", "", "I <think> so</think>"),
        (
            [{"reasoningContent": {"reasoningText": {"text": "so", "signature": "s"}}}, {"text": "42"}],
            "so",
            "42",
        ),
        ([{"reasoningContent": {"redactedContent": "x"}}, {"text": "42"}], "", "42"),
        ([{"reasoningContent": "so"}, {"text": "<think>on</think>42"}], "soon", "42"),
    ],
)
def test_reasoning_is_no_part_of_the_answer(content: Any, reasoning: str, response: str) -> None:
    sample = parse_sample({"messages": [{"role": "assistant", "content": content}]})
    assert (sample.reasoning, sample.response) == (reasoning, response)
    assert sample.answer["content"] == content


def test_tags_are_seen_although_their_reasoning_is_cut_off() -> None:
    told = "<think>48 / 2</think><answer>24</answer>"
    sample = parse_sample({"messages": [{"role": "assistant", "content": told}]})
    assert sample.response == "<answer>24</answer>"
    assert tagged(sample).value == 1.0
