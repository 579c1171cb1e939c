"""The trace of a running job, read from the reward function's log group in the emulator and stored beside the run."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from rft import aws, objects
from rft.monitoring import live_trace
from rft.monitoring.collector import Collected, Shape, collect, points
from rft.monitoring.curve import Batch
from rft.monitoring.metrics import Rollout, batch_statistics, emf_line
from rft.monitoring.trace import Point, read_trace
from rft.names import RunKeys
from rft.runs.record import Job
from tests.unit.run_world import USE_CASE, World
from tests.unit.test_handlers_run import prepare


def line(run_id: str, reward: float, at_ms: int, split: str = "train") -> str:
    rollouts = [Rollout(reward, 400, f"p{index}", components={"form": reward}) for index in range(100)]
    return emf_line(
        batch_statistics(rollouts),
        use_case=USE_CASE,
        environment="test",
        run=run_id,
        split=split,
        duration_ms=5.0,
        timestamp_ms=at_ms,
    )


def test_each_look_adds_what_was_logged_since_and_keeps_it(world: World) -> None:
    parameters = world.settings.use_case.hyperparameters.model_copy(update={"batchSize": 50})
    case = world.settings.use_case.model_copy(update={"hyperparameters": parameters})
    world.settings = world.settings.model_copy(update={"use_case": case})
    world.save_settings()
    run_id = prepare(world)
    launched = datetime.now(UTC)
    world.store.set(run_id, "job", Job(name="j", arn="arn:j", launched_at=launched.isoformat()))
    record, keys = world.store.get(run_id), RunKeys(USE_CASE, run_id)
    group, begin = f"/test/{uuid.uuid4().hex[:8]}", int(launched.timestamp() * 1000)
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")

    def log(number: int, reward: float, split: str = "train", run: str = run_id) -> None:
        at = begin + 1000 * number
        event = {"timestamp": at, "message": line(run, reward, at, split)}
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])

    steps = live_trace.shape_of(record).rollouts_a_step
    for number in range(10):
        log(number, 0.25)
    log(10, 1.0, run="another")
    first = live_trace.follow(record, world.artifacts, keys, group)
    assert first[0].train_reward == 0.25
    assert first[-1].step == (1000 - 1) // steps + 1
    for number in range(11, 21):
        log(number, 0.75)
    log(21, 0.5, "validation")
    second = live_trace.follow(record, world.artifacts, keys, group)
    assert second[-1].step == (2000 - 1) // steps + 1
    assert second[-1].train_reward == 0.75
    assert second[-1].validation_reward == 0.5
    assert second[-1].components == {"form": 0.75}
    assert live_trace.follow(record, world.artifacts, keys, group) == second
    stored = objects.read_bytes(world.artifacts, keys.trace).decode()
    assert read_trace(stored.splitlines()) == second
    ended = (launched + timedelta(seconds=23)).isoformat()
    world.store.set(run_id, ("job", "ended_at"), ended)
    log(23, 0.5)
    log(25, 0.125, "validation")
    after = live_trace.follow(world.store.get(run_id), world.artifacts, keys, group)
    assert 0.125 not in [point.validation_reward for point in after]
    assert after[-1].tokens is not None
    assert second[-1].tokens is not None
    assert after[-1].tokens > second[-1].tokens


def test_what_an_engine_tells_of_a_step_goes_over_what_was_inferred() -> None:
    inferred = [
        Point(step=1, train_reward=0.2, zero_signal_share=0.5, inferred=True),
        Point(step=2, train_reward=0.3, inferred=True),
    ]
    told = [Point(step=1, train_reward=0.25, policy_entropy=1.1), Point(step=3, train_reward=0.4)]
    assert live_trace.overlaid(inferred, told) == [
        Point(step=1, train_reward=0.25, zero_signal_share=0.5, policy_entropy=1.1),
        Point(step=2, train_reward=0.3, inferred=True),
        Point(step=3, train_reward=0.4),
    ]


def test_inferred_steps_are_grouped_by_the_steps_that_the_engine_numbers() -> None:
    job = Shape(rollouts_a_step=16, total_steps=40, launched_ms=0, prompt_tokens=50.0)  # one answer a prompt
    batches = [
        (f"e{number}", batch(number), {"form": number / 20}) for number in range(21)
    ]  # of 64, two a step of 16 prompts and 8 answers, and one of a step that goes on
    found = live_trace.regrouped(collect(Collected(), batches, job, 0), job, 10)
    curve = list(points(found, job))
    assert [point.step for point in curve] == list(range(1, 11))
    assert [point.components["form"] for point in curve] == [
        pytest.approx((2 * step - 2 + 2 * step - 1) / 2 / 20) for step in range(1, 11)
    ]
    assert {step.train.samples for step in found.steps.values()} == {128}


def batch(number: int) -> Batch:
    return Batch(
        "r", "train", number * 1000, 64, reward_mean=0.5, zero_share=0.0, errors=0, characters_mean=400.0
    )
