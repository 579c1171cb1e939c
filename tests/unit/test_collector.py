"""Steps inferred from what the reward function logged, whatever the order and however often it is read."""

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest

from rft.monitoring.collector import Collected, Shape, collect, points, steps_of
from rft.monitoring.curve import Batch
from rft.monitoring.histogram import counts

JOB = Shape(
    **steps_of(train=100, batch=10, samples=4, epochs=2),
    launched_ms=0,
    prompt_tokens=50,
    usd_per_rollout=0.001,
)
Event = tuple[str, Batch, dict[str, float]]


def batch(number: int, samples: int = 8, split: str = "train", **more: float) -> Event:
    values = {"reward_mean": 0.5, "zero_share": 0.0, "errors": 0, "characters_mean": 400.0, **more}
    found = Batch("r", split, number * 1000, samples, **values)  # type: ignore[arg-type]
    return f"e{number}-{split}", found, {"correct": values["reward_mean"], "form": 1.0}


def collected(events: Iterable[Event]) -> Collected:
    return collect(Collected(), events, JOB, overlap_ms=5_000)


def test_a_step_has_the_rollouts_of_its_batch() -> None:
    assert (JOB.rollouts_a_step, JOB.total_steps) == (40, 20)
    curve = list(points(collected(batch(n, reward_mean=n / 20) for n in range(20)), JOB))
    assert [point.step for point in curve] == [1, 2, 3, 4]
    assert curve[0].train_reward == pytest.approx((0 + 1 + 2 + 3 + 4) / 5 / 20)
    assert curve[0].episode_length == 100
    assert curve[0].components == {"correct": pytest.approx(0.1), "form": 1.0}
    assert curve[-1].cost_usd == pytest.approx(160 * 0.001)
    assert curve[-1].tokens == 160 * 150
    assert curve[-1].seconds == 19
    assert all(point.inferred and point.total_steps == 20 for point in curve)


def test_validation_belongs_to_the_step_before_it() -> None:
    events = (
        [batch(n) for n in range(5)]
        + [batch(5, 30, "validation", reward_mean=0.9)]
        + [batch(n) for n in range(6, 12)]
    )
    curve = list(points(collected(events), JOB))
    assert [point.validation_reward for point in curve] == [pytest.approx(0.9), None, None]


def test_errors_and_signal_are_shares_of_the_training_rollouts() -> None:
    curve = list(points(collected([batch(0, errors=2, zero_signal_share=0.5), batch(1)]), JOB))
    assert (curve[0].reward_error_rate, curve[0].zero_signal_share) == (2 / 16, 0.5)


def test_diversity_is_of_the_training_rollouts_whose_answers_could_be_compared() -> None:
    events = [
        batch(0, distinct_share=0.25),
        batch(1, samples=24, distinct_share=0.75),
        batch(2),
        batch(3, split="validation", distinct_share=0.0),
        batch(4, samples=8),
    ]
    curve = list(points(collected(events), JOB))
    assert [point.answer_diversity for point in curve] == [pytest.approx((0.25 * 8 + 0.75 * 24) / 32), None]


def test_a_state_stored_before_diversity_was_measured_is_read() -> None:
    stored = collected([batch(0)]).model_dump()
    for step in stored["steps"].values():
        for split in ("train", "validation"):
            del step[split]["compared"], step[split]["distinct"]
    again = collect(Collected.model_validate(stored), [batch(1, distinct_share=0.5)], JOB, overlap_ms=5_000)
    assert [point.answer_diversity for point in points(again, JOB)] == [0.5]


def test_reading_in_pieces_with_overlap_gives_what_reading_at_once_gives() -> None:
    source = random.Random(5)
    events = [
        batch(
            n, source.choice((4, 8, 16)), reward_mean=source.random(), characters_mean=source.uniform(10, 900)
        )
        for n in range(120)
    ]
    whole = list(points(collected(events), JOB))
    found, begin = Collected(), 0
    while begin < len(events):
        end = begin + source.randrange(1, 15)
        found = collect(found, events[max(0, begin - 4) : end], JOB, overlap_ms=5_000)
        begin = end
    assert list(points(found, JOB)) == whole
    assert len(found.recent) <= 6  # what is remembered does not grow
    again = Collected.model_validate_json(found.model_dump_json())
    assert list(points(again, JOB)) == whole


def test_without_a_price_there_is_no_cost_and_rollouts_of_others_are_left_out() -> None:
    job = JOB.model_copy(update={"usd_per_rollout": None})
    found = collect(Collected(), [batch(0), batch(1, split="probe")], job, 1000)
    (point,) = points(found, job)
    assert point.cost_usd is None
    by_hour = job.model_copy(update={"usd_per_hour": 3600.0, "launched_ms": -2000})
    (timed,) = points(collect(Collected(), [batch(0)], by_hour, 1000), by_hour)
    assert timed.cost_usd == 2.0
    assert found.rollouts == 8


def test_answers_below_the_base_models_mean_are_counted_and_parts_belong_to_those_that_have_them() -> None:
    low, high = counts([0.0] * 6 + [1.0] * 2), counts([0.0] * 2 + [1.0] * 6)
    events = [batch(0), batch(1)]
    events = [
        (identity, replace(found, reward_counts=told), {"correct": 0.5, **more})
        for (identity, found, _), told, more in zip(events, (low, high), ({"step_2": 0.25}, {}), strict=True)
    ]
    job = JOB.model_copy(update={"base_reward": 0.4})
    (point,) = points(collect(Collected(), events, job, 5_000), job)
    assert point.low_reward_share == 0.5
    assert point.components == {"correct": 0.5, "step_2": 0.25}
    (unknown,) = points(collected(events), JOB)
    assert unknown.low_reward_share is None
