"""A batch within its time, several samples at once: order, isolation, and what hangs."""

import math
import threading
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import Sample, Score
from rft.rewards.batch import MAX_COMPONENTS, MAX_NAME_CHARACTERS, score_batch, score_samples


def event(*responses: str) -> list[dict[str, Any]]:
    return [
        {
            "id": place if place % 2 else str(place),
            "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": response}],
        }
        for place, response in enumerate(responses)
    ]


def by_number(sample: Sample) -> float:
    return float(sample.response)


@pytest.mark.parametrize("seconds", [None, 5.0])
@pytest.mark.parametrize("concurrency", [1, 3, 16])
def test_results_keep_order_and_ids_however_many_work(seconds: float | None, concurrency: int) -> None:
    def reward(sample: Sample) -> float:
        time.sleep(0.002 * (hash(sample.response) % 5))
        return by_number(sample)

    batch = event(*(f"0.{number:02d}" for number in range(60)))
    scored = score_samples(batch, reward, seconds=seconds, concurrency=concurrency)
    assert [item.id for item in scored] == [item["id"] for item in batch]
    assert [item.value for item in scored] == [float(f"0.{number:02d}") for number in range(60)]


def test_waiting_rewards_wait_together() -> None:
    def reward(sample: Sample) -> float:
        time.sleep(0.1)
        return 1.0

    began = time.monotonic()
    score_batch(event(*["1"] * 16), reward, seconds=5.0, concurrency=16)
    assert time.monotonic() - began < 1.3


def test_never_more_samples_at_once_than_asked_for() -> None:
    lock, now, most = threading.Lock(), [0], [0]

    def reward(sample: Sample) -> float:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1
        return 1.0

    score_batch(event(*["1"] * 24), reward, seconds=5.0, concurrency=3)
    assert most[0] == 3


@pytest.mark.parametrize("concurrency", [1, 4])
def test_what_hangs_costs_itself_and_the_rest_goes_on(concurrency: int) -> None:
    def reward(sample: Sample) -> float:
        if sample.response == "hang":
            time.sleep(60)
        return 1.0

    began = time.monotonic()
    scored = score_samples(event("1", "hang", "1", "1", "1"), reward, seconds=6.0, concurrency=concurrency)
    assert time.monotonic() - began < 5.0
    assert [item.value for item in scored] == [1.0, 0.0, 1.0, 1.0, 1.0]
    assert [item.error for item in scored] == [None, "TimeBudgetExceeded", None, None, None]


def test_a_batch_too_large_for_its_time_is_answered_whole_and_in_time() -> None:
    def reward(sample: Sample) -> float:
        time.sleep(0.05)
        return 1.0

    began = time.monotonic()
    scored = score_samples(event(*["1"] * 500), reward, floor=0.25, seconds=1.0, concurrency=2)
    assert time.monotonic() - began < 4.0
    assert len(scored) == 500
    late = [item for item in scored if item.error]
    assert 300 < len(late) < 500
    assert {(item.value, item.error) for item in late} == {(0.25, "TimeBudgetExceeded")}


@pytest.mark.parametrize(
    "raised", [KeyboardInterrupt, SystemExit, GeneratorExit, RecursionError, MemoryError, ValueError]
)
@pytest.mark.parametrize("concurrency", [1, 2])
def test_whatever_a_reward_raises_is_its_sample_s_alone(
    raised: type[BaseException], concurrency: int
) -> None:
    def reward(sample: Sample) -> float:
        if sample.response == "bad":
            raise raised
        return 1.0

    scored = score_samples(event("1", "bad", "1"), reward, seconds=5.0, concurrency=concurrency)
    assert [(item.value, item.error) for item in scored] == [
        (1.0, None),
        (0.0, raised.__name__),
        (1.0, None),
    ]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, 10**400, "1", None, [1.0]])
def test_what_is_no_finite_number_gets_the_floor(value: Any) -> None:
    (scored,) = score_samples(event("1"), lambda _: value, floor=0.5)
    assert scored.value == 0.5
    assert scored.error is not None


def test_components_are_few_and_their_names_short() -> None:
    many = {f"{place:03d}{'x' * 500}": 0.5 for place in range(500)}
    (answer,) = score_batch(event("1"), lambda _: Score(1.0, many))
    assert len(answer["metrics_list"]) == MAX_COMPONENTS
    assert {len(metric["name"]) for metric in answer["metrics_list"]} == {MAX_NAME_CHARACTERS}


def test_an_id_that_comes_twice_is_answered_twice() -> None:
    batch = [*event("0.25"), *event("0.75")]
    answer = score_batch(batch, by_number, seconds=5.0, concurrency=4)
    assert [(item["id"], item["aggregate_reward_score"]) for item in answer] == [("0", 0.25), ("0", 0.75)]


@given(st.lists(st.sampled_from(["0", "0.5", "1", "x", "nan", "2"]), max_size=20), st.integers(1, 8))
def test_results_do_not_depend_on_how_many_work(responses: list[str], concurrency: int) -> None:
    alone = score_batch(event(*responses), by_number)
    assert score_batch(event(*responses), by_number, seconds=10.0, concurrency=concurrency) == alone
