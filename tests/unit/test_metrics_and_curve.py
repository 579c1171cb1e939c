"""One log line per split carries the metrics, and the curve is read back from such lines."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.monitoring import metrics
from rft.monitoring.curve import MAX_POINTS, parse_line, read_batches, reward_curve
from rft.monitoring.metrics import Rollout, batch_statistics, emf_line
from rft.rewards.judge_usage import Usage


def a_line(mean: float, samples: int = 8, at: int = 0, errors: int = 0, **names: Any) -> str:
    rollouts = [Rollout(mean, 100, f"p{n // 2}", n < errors) for n in range(samples)]
    options: dict[str, Any] = {"run": "r1", "split": "train", **names}
    return emf_line(
        batch_statistics(rollouts),
        use_case="gsm8k",
        environment="dev",
        duration_ms=5.0,
        timestamp_ms=1_700_000_000_000 + at,
        **options,
    )


def test_statistics_tell_signal_from_noise() -> None:
    found = batch_statistics(
        [
            Rollout(1, 10, "a"),
            Rollout(0, 20, "a"),
            Rollout(1, 30, "b"),
            Rollout(1, 40, "b"),
            Rollout(0, 50, None, True),
        ]
    )
    assert found.samples == 5
    assert found.reward_mean == pytest.approx(0.6)
    assert found.zero_share == pytest.approx(0.4)
    assert (found.errors, found.characters_mean, found.prompts) == (1, 30, 2)
    assert found.group_std == pytest.approx(0.25)
    assert found.zero_signal_share == pytest.approx(0.5)


def test_without_groups_there_is_no_spread_to_tell() -> None:
    found = batch_statistics([Rollout(1, 1), Rollout(0, 1, "a")])
    assert (found.group_std, found.zero_signal_share) == (None, None)
    with pytest.raises(ValueError, match="no rollouts"):
        batch_statistics([])


@pytest.mark.parametrize(
    ("answers", "share"),
    [
        ("aaaa", 0.0),
        ("aaab", 1 / 3),
        ("abcd", 1.0),
        ("aabc xyxy", (2 / 3 + 1 / 3) / 2),
        ("ab q", 1.0),  # an answer alone tells nothing
        ("a b c", None),
    ],
)
def test_the_share_of_distinct_answers_is_a_mean_over_prompts(answers: str, share: float | None) -> None:
    rollouts = [
        Rollout(0.0, 1, f"p{number}", answer=hash(answer))
        for number, group in enumerate(answers.split())
        for answer in group
    ]
    assert batch_statistics(rollouts).distinct_share == (None if share is None else pytest.approx(share))


def test_answers_of_unknown_prompts_and_unknown_answers_are_not_compared() -> None:
    alike = [Rollout(0.0, 1, None, answer=1), Rollout(0.0, 1, None, answer=1)]
    unknown = [Rollout(0.0, 1, "a"), Rollout(0.0, 1, "a", answer=1)]
    assert batch_statistics([*alike, *unknown]).distinct_share is None


def test_diversity_is_a_property_of_the_line_and_no_metric_that_costs() -> None:
    rollouts = [Rollout(0.5, 9, "a", answer=answer) for answer in (1, 1, 2)]
    line = emf_line(
        batch_statistics(rollouts),
        use_case="gsm8k",
        environment="dev",
        run="r1",
        split="train",
        duration_ms=1.0,
    )
    document = json.loads(line)
    assert document["distinct_share"] == 0.5
    assert "distinct_share" not in str(document["_aws"])
    batch = parse_line(line)
    assert batch is not None
    assert batch.distinct_share == 0.5


def test_a_line_has_both_dimension_sets_and_names_from_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "reward")
    document = json.loads(a_line(0.5))
    (directive,) = document["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "RFT"
    assert directive["Dimensions"] == [
        ["use_case", "environment"],
        ["use_case", "environment", "run", "split"],
    ]
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert units == {name: unit for name, unit in metrics.UNITS.items() if not name.startswith("Judge")}
    assert all(document[name] for group in directive["Dimensions"] for name in group)
    assert document["prompts"] == 4
    assert "service" not in document


def test_what_a_judge_used_is_counted() -> None:
    document = json.loads(a_line(0.5, judge=Usage(calls=3, input_tokens=900, output_tokens=60, errors=1)))
    assert {metric["Name"] for metric in document["_aws"]["CloudWatchMetrics"][0]["Metrics"]} == set(
        metrics.UNITS
    )
    assert [document[name] for name in ("JudgeCalls", "JudgeInputTokens", "JudgeOutputTokens")] == [
        [3],
        [900],
        [60],
    ]


def test_components_are_properties_and_no_metrics_that_cost() -> None:
    rollouts = [Rollout(0.5, 9, "a", components={"correct": value, "form": 1.0}) for value in (0.0, 1.0)]
    line = emf_line(
        batch_statistics(rollouts),
        use_case="gsm8k",
        environment="dev",
        run="r1",
        split="train",
        duration_ms=1.0,
    )
    document = json.loads(line)
    assert (document["component_correct"], document["component_form"]) == (0.5, 1.0)
    assert "component" not in str(document["_aws"])


def test_only_so_many_components_are_told() -> None:
    many = {f"c{n:03d}": 1.0 for n in range(100)}
    assert len(batch_statistics([Rollout(1, 1, components=many)]).components) == metrics.MAX_COMPONENTS


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_deciles_enclose_the_middle_and_stay_within_what_was_earned(rewards: list[float]) -> None:
    found = batch_statistics([Rollout(reward, 1) for reward in rewards])
    assert min(rewards) <= found.reward_p10
    assert found.reward_p90 <= max(rewards)


def test_an_audit_shows_under_its_run_alone_so_that_its_errors_are_no_news_of_the_use_case() -> None:
    (directive,) = json.loads(a_line(0.5, split="audit"))["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["use_case", "environment", "run", "split"]]


def test_a_line_without_a_run_has_the_whole_dimension_set_only() -> None:
    document = json.loads(a_line(0.5, run=None, split="unknown"))
    assert document["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["use_case", "environment"]]
    assert document["split"] == "unknown"
    assert "run" not in document


def test_a_line_is_read_back_as_it_was_written() -> None:
    batch = parse_line(a_line(0.25, samples=6, at=7, errors=2))
    assert batch is not None
    assert (batch.run, batch.split, batch.samples, batch.errors) == ("r1", "train", 6, 2)
    assert (batch.reward_mean, batch.zero_share, batch.characters_mean) == (0.25, 0.0, 100)
    assert (batch.timestamp_ms, batch.group_std, batch.zero_signal_share) == (1_700_000_000_007, 0.0, 1.0)


@pytest.mark.parametrize(
    "message",
    ["", "START RequestId: x", '{"_aws": 1}', '{"_aws": {"Timestamp": 1}}', '{"_aws"', '["_aws", {"_aws"]',
     '{"_aws": {"Timestamp": 1}, "Samples": [0], "RewardMean": [1]}', '{"a": 1}'],
)  # fmt: skip
def test_other_log_lines_are_passed_over(message: str) -> None:
    assert parse_line(message) is None


@given(st.text())
def test_no_log_line_makes_the_reader_raise(text: str) -> None:
    assert parse_line(text) is None
    assert parse_line('{"_aws"' + text) is None


def test_a_line_with_a_log_prefix_is_read() -> None:
    assert parse_line(f"2026-11-20T10:00:00Z INFO {a_line(0.5)}\n") is not None


def test_the_curve_is_smoothed_weighted_and_split_apart() -> None:
    lines = [
        a_line(1.0, samples=2, at=2, errors=1),
        a_line(0.0, samples=6, at=1),
        a_line(0.5, at=3, split="validation"),
        a_line(0.9, at=4, run="other"),
        "noise",
    ]
    curve = reward_curve(lines, "r1", window=2)
    assert set(curve) == {"train", "validation"}
    assert [point.rollouts for point in curve["train"]] == [6, 8]
    assert [point.mean_reward for point in curve["train"]] == pytest.approx([0.0, 0.25])
    assert [point.zero_share for point in curve["train"]] == pytest.approx([1.0, 0.75])
    assert [point.errors for point in curve["train"]] == [0, 1]


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    lines = [a_line(0.5, samples=2, at=n) for n in range(MAX_POINTS * 3)]
    points = reward_curve(lines)["train"]
    assert len(points) == MAX_POINTS
    assert (points[0].rollouts, points[-1].rollouts) == (2, MAX_POINTS * 6)


def test_no_lines_give_no_curve() -> None:
    assert reward_curve([]) == {}
    assert read_batches(["x"]) == []
