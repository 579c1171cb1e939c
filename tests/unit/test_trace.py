"""Traces: what is missing stays missing, what is wrong is named."""

import pytest

from rft.errors import BadTrace
from rft.monitoring.trace import Point, read_trace, write_trace


def test_any_field_may_be_missing_or_null_and_unknown_ones_are_ignored() -> None:
    lines = ['{"step": 2, "train_reward": null, "other": 1}\n', "\n", '{"step": 1, "grad_norm": 0.5}']
    assert read_trace(lines) == [Point(step=1, grad_norm=0.5), Point(step=2)]


def test_a_later_point_of_a_step_replaces_the_earlier() -> None:
    (point,) = read_trace(['{"step": 1, "train_reward": 0.1}', '{"step": 1, "train_reward": 0.2}'])
    assert point.train_reward == 0.2


def test_a_trace_reads_back_as_written() -> None:
    points = [
        Point(step=0, total_steps=9, train_reward=0.25, components={"form": 0.5}, inferred=True),
        Point(step=1, episode_length=300.5, cost_usd=1.25),
    ]
    assert read_trace(write_trace(points)) == points
    assert read_trace([*write_trace([Point(step=3, policy_entropy=float("nan"))])]) == [Point(step=3)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nothing", "run.jsonl:2: the line: Invalid JSON"),
        ("{}", "run.jsonl:2: step: Field required"),
        ('{"step": -1}', "run.jsonl:2: step"),
        ('{"step": 1, "train_reward": "high"}', "run.jsonl:2: train_reward"),
        ("[1]", "run.jsonl:2"),
    ],
)
def test_a_line_that_is_no_point_is_named(line: str, words: str) -> None:
    with pytest.raises(BadTrace, match=words):
        read_trace(['{"step": 1}', line], "run.jsonl")
