"""Evaluation without AWS: plans, grading, summaries, gate."""

import json
import random
from typing import Any

import pytest

from rft import aws
from rft.errors import EvaluationFailed, RewardRejected
from rft.evaluation import gate, plan, summary
from rft.evaluation.batch import BASE, CANDIDATE, Outcome, from_jsonl, to_jsonl
from rft.evaluation.grading import PAYLOAD_BYTES, grade, sample
from rft.runs.record import Evaluation
from rft.settings import Gate


def outcome(index: int, target: str, reward: float | None, **more: Any) -> Outcome:
    return Outcome(index, f"p{index}", target, more.pop("sample", 0), reward, **more)


def pairs(differences: list[float]) -> list[Outcome]:
    found = []
    for index, difference in enumerate(differences):
        found += [outcome(index, BASE, 0.5), outcome(index, CANDIDATE, 0.5 + difference)]
    return found


def summarised(outcomes: list[Outcome], planned: int, tolerated: float = 0.0) -> Evaluation:
    return summary.summarise(
        "test", outcomes, planned=planned, tolerated_failure_percentage=tolerated, key="k"
    )


def test_a_plan_finds_every_record_again_by_its_place() -> None:
    lines = [json.dumps({"n": n, "text": "ä" * n}, ensure_ascii=False).encode() for n in range(50)]
    data = b"".join(line + b"\n" for line in lines)
    for planned in plan.plan(lines, 1000):
        assert data[planned.offset : planned.offset + planned.length] == lines[planned.index] + b"\n"


def test_a_plan_of_fewer_prompts_is_spread_over_the_file() -> None:
    indexes = [planned.index for planned in plan.plan([b"{}"] * 1000, 10)]
    assert indexes == list(range(0, 1000, 100))
    items = [json.loads(line) for line in plan.to_jsonl(plan.plan([b"{}"] * 3, 10)).splitlines()]
    assert plan.parse_items(list(reversed(items))) == plan.plan([b"{}"] * 3, 10)


def test_far_apart_records_are_read_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MAX_SPAN_BYTES", 10)
    prompts = [plan.PlannedPrompt(0, 0, 5), plan.PlannedPrompt(1, 5, 5), plan.PlannedPrompt(2, 50, 5)]
    assert [[p.index for p in group] for group in plan.spans(prompts)] == [[0, 1], [2]]


def test_a_sample_is_what_bedrock_sends() -> None:
    record = {
        "id": "r",
        "messages": [{"role": "user", "content": "?"}],
        "reference_answer": "4",
        "level": "a",
    }
    assert sample("1", record, "four") == {
        "id": "1",
        "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "four"}],
        "metadata": {"reference_answer": "4", "level": "a"},
    }


def score(identity: str, value: Any = 1.0) -> dict[str, Any]:
    return {"id": identity, "aggregate_reward_score": value, "metrics_list": []}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        [score("a")],
        [score("a"), score("a")],
        [score("a"), score("c")],
        [score("a"), score("b", float("nan"))],
        [score("a"), score("b", "1")],
        [score("a"), score("b", True)],
    ],
    ids=["nothing", "object", "one missing", "twice", "wrong id", "NaN", "text", "boolean"],
)
def test_an_answer_that_breaks_the_contract_is_rejected(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(aws, "invoke", lambda arn, payload: answer)
    with pytest.raises(RewardRejected):
        grade("arn", [{"id": "a"}, {"id": "b"}])


def test_grades_follow_the_samples_whatever_the_answers_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "invoke", lambda arn, payload: [score("b", 0.25), score("a", 0.75)])
    assert [found.reward for found in grade("arn", [{"id": "a"}, {"id": "b"}])] == [0.75, 0.25]


def test_a_batch_beyond_lambdas_payload_is_sent_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def invoke(arn: str, payload: Any) -> Any:
        sizes.append(len(json.dumps(payload)))
        return [score(entry["id"]) for entry in payload]

    monkeypatch.setattr(aws, "invoke", invoke)
    samples = [{"id": str(n), "text": "x" * (PAYLOAD_BYTES // 3)} for n in range(5)]
    assert len(grade("arn", samples)) == 5
    assert len(sizes) == 3
    assert max(sizes) <= PAYLOAD_BYTES


def test_a_summary_has_means_slices_components_and_lengths() -> None:
    outcomes = [
        outcome(0, BASE, 0.0, slice="a", components={"format": 1.0}, characters=10),
        outcome(0, CANDIDATE, 1.0, slice="a", components={"format": 1.0}, characters=4),
        outcome(1, BASE, 0.5, slice="b", components={"format": 0.0}, characters=20),
        outcome(1, CANDIDATE, 0.5, slice="b", components={"format": 1.0}, characters=6),
    ]
    found = summarised(outcomes, 2)
    assert found.mean_by_target == {BASE: 0.25, CANDIDATE: 0.75}
    assert found.zero_share_by_target == {BASE: 0.5, CANDIDATE: 0.0}
    assert found.mean_by_slice == {"a": {BASE: 0.0, CANDIDATE: 1.0}, "b": {BASE: 0.5, CANDIDATE: 0.5}}
    assert found.mean_by_component == {BASE: {"format": 0.5}, CANDIDATE: {"format": 1.0}}
    assert found.characters_by_target == {BASE: 15, CANDIDATE: 5}
    assert summary.paired_differences(outcomes) == {0: 1.0, 1: 0.0}
    assert summary.slice_differences(outcomes) == {"a": [1.0], "b": [0.0]}


def test_the_share_of_prompts_without_signal_is_of_the_base() -> None:
    rewards = {0: [1.0, 1.0], 1: [0.0, 1.0], 2: [0.0, 0.0], 3: [0.2, 0.4]}
    outcomes = [outcome(i, BASE, r, sample=n) for i, found in rewards.items() for n, r in enumerate(found)]
    assert summarised(outcomes, 4).zero_signal_share == 0.5


def test_missing_scores_are_tolerated_up_to_the_limit_and_named_beyond() -> None:
    outcomes = [
        *pairs([0.1] * 98),
        outcome(98, BASE, None, error="ValidationException"),
        outcome(98, CANDIDATE, 1.0),
    ]
    found = summarised(outcomes, 100, 2.0)
    assert (found.prompts, found.failed) == (98, 2)
    with pytest.raises(EvaluationFailed, match=r"2 of 100 prompts .*ValidationException"):
        summarised(outcomes, 100, 1.0)
    with pytest.raises(EvaluationFailed):
        summarised([], 10, 50.0)


def test_parts_read_back_as_written() -> None:
    found = [outcome(3, BASE, 0.5, slice="ä", components={"a": 1.0}), outcome(4, CANDIDATE, None, error="E")]
    assert list(from_jsonl(to_jsonl(found).splitlines())) == found


def judge(differences: list[float], by_slice: dict[str, list[float]] | None = None, **settings: Any) -> Any:
    return gate.judge(differences, by_slice or {}, Gate(**settings), seed="run")


def test_a_clear_improvement_is_promoted_with_its_numbers() -> None:
    verdict = judge([0.2, 0.1, 0.3, 0.2] * 25)
    assert verdict.decision == gate.PROMOTE
    assert verdict.difference == pytest.approx(0.2)
    assert 0.15 < verdict.lower < 0.2 < verdict.upper < 0.25
    assert "higher by 0.200 on 100 prompts" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("differences", "words"),
    [
        ([0.2] * 19, "gate.min_prompts"),
        ([0.01] * 100, "gate.min_improvement"),
        ([1.0, -0.9] * 15, "may be chance"),
        ([-0.2] * 100, "gate.min_improvement"),
        ([], "gate.min_prompts"),
    ],
    ids=["too few", "below the margin", "noise", "worse", "nothing"],
)
def test_a_candidate_without_proof_is_held_with_the_reason(differences: list[float], words: str) -> None:
    verdict = judge(differences)
    assert verdict.decision == gate.HOLD
    assert any(words in reason for reason in verdict.reasons)


def test_a_slice_that_gets_worse_holds_a_better_candidate() -> None:
    better = [0.3] * 100
    verdict = judge(better, {"refunds": [-0.2] * 10, "greetings": [0.4] * 90})
    assert verdict.decision == gate.HOLD
    assert "slice 'refunds' is worse by 0.200 on 10 prompts" in verdict.reasons[0]
    assert judge(better, {"tiny": [-1.0] * 4}).decision == gate.PROMOTE


def test_the_same_run_gets_the_same_verdict_twice() -> None:
    noise = [random.Random(3).gauss(0.05, 0.4) for _ in range(200)]
    assert judge(noise) == judge(noise)


def test_the_gate_promotes_chance_as_rarely_as_its_confidence_says() -> None:
    rng = random.Random(11)
    promoted = sum(
        judge([rng.choice((-1.0, 0.0, 1.0)) for _ in range(60)], min_improvement=0.0).decision == gate.PROMOTE
        for _ in range(200)
    )
    assert promoted <= 0.09 * 200  # 5 % expected; 18 of 200 is beyond 2.5 standard errors
