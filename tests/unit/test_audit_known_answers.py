"""Golden answers and references in an audit: what counts as wrong, and in which order they must score."""

import json
from pathlib import Path

import pytest

from rft.audit.cases import golden_cases, read_records, reference_cases, run_of
from rft.names import AUDIT, RECORD_KEY
from rft.rewards.contract import Sample
from tests.unit import audit_world as world
from tests.unit.audit_world import audited, broken, golden, honest_sum

LINE = {
    "id": "g1",
    "messages": [{"role": "user", "content": "?"}],
    "response": "1",
    "reference_answer": "1",
    "expected": {"min": 1, "max": 1},
}


def test_false_positives_and_negatives_are_named_by_id() -> None:
    report = audited(
        honest_sum,
        world.sums(),
        golden_answers=[
            golden("too-low", "no number", 0.5, 1),
            golden("too-high", "#### 23", 0, 0.5),
            golden("right", "#### 23", 1, 1),
        ],
    )
    assert [miss["name"] for miss in report["false_negatives"]] == ["golden answer too-low"]
    assert [miss["name"] for miss in report["false_positives"]] == ["golden answer too-high"]
    told = " ".join(breach["told"] for breach in report["breaches"])
    assert "golden answer too-low scores 0.000, expected 0.5 to 1" in told
    assert "1 of 3 golden answers score too high" in told


def test_tolerated_misses_are_reported_and_break_nothing() -> None:
    answers = [
        golden("too-low", "no number", 0.5, 1),
        golden("too-high", "#### 23", 0, 0.5, world.sums(2)[0]),
    ]
    report = audited(
        honest_sum,
        world.sums(),
        golden_answers=answers,
        max_false_negative_share=0.1,
        max_false_positive_share=0.5,
    )
    assert len(report["false_negatives"]) == len(report["false_positives"]) == 1
    assert broken(report) == {"order"}


def test_answers_to_one_prompt_must_score_in_the_order_of_their_ranges() -> None:
    def inverted(sample: Sample) -> float:
        return 0.4 if sample.response == "good" else 0.6 if sample.response == "bad" else honest_sum(sample)

    answers = [golden("good", "good", 0.4, 1), golden("bad", "bad", 0, 0.4), golden("wide", "bad", 0, 1)]
    report = audited(inverted, world.sums(), golden_answers=answers, max_false_positive_share=0.5)
    assert broken(report) == {"order"}
    assert report["order"] == {
        "pairs": 1,
        "reversed": [
            {
                "better": "golden answer good",
                "worse": "golden answer bad",
                "better_score": 0.4,
                "worse_score": 0.6,
            }
        ],
    }


def test_answers_to_different_prompts_are_not_compared() -> None:
    first, second = world.sums(2)
    answers = [golden("good", "#### 23", 0.9, 1, first), golden("bad", "nothing", 0, 0.1, second)]
    assert audited(honest_sum, world.sums(), golden_answers=answers)["order"]["pairs"] == 0


def test_a_golden_answer_without_a_reference_may_be_an_error() -> None:
    missing = golden("missing", "#### 23", 0, 0, {**world.sums(1)[0], "reference_answer": None})
    assert audited(honest_sum, world.sums(), golden_answers=[missing])["passed"]


def test_nothing_to_audit_with_is_a_breach() -> None:
    assert "cases" in broken(audited(honest_sum, []))


def test_audited_samples_carry_the_split_of_the_audit_and_the_run_of_the_records(tmp_path: Path) -> None:
    prepared = {
        **LINE,
        RECORD_KEY: {"run": "r1", "split": "train", "prompt": "p", "slice": "s"},
    }
    records = read_records([b"\n", json.dumps(prepared).encode()], 5)
    (case,) = reference_cases(records, 0.99)
    assert case.sample["metadata"][RECORD_KEY] == {"run": "r1", "split": AUDIT, "prompt": "p", "slice": "s"}
    path = tmp_path / "golden.jsonl"
    path.write_text(json.dumps(LINE) + "\n")
    (answer,) = golden_cases(path, run_of(records))
    marker = answer.sample["metadata"][RECORD_KEY]
    assert (marker["run"], marker["split"]) == ("r1", AUDIT)


def test_golden_answers_are_optional_and_malformed_ones_are_named(tmp_path: Path) -> None:
    assert golden_cases(tmp_path / "golden.jsonl") == []
    (tmp_path / "golden.jsonl").write_text("{}\n")
    with pytest.raises(ValueError, match=r"golden\.jsonl:1"):
        golden_cases(tmp_path / "golden.jsonl")
