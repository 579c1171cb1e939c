"""The handlers around the customization job: its events, the watch loop, the slot."""

from typing import Any

import pytest

from rft import aws, errors
from rft.monitoring import job_watch, live_trace
from rft.monitoring.trace import Point
from rft.runs import slot_keeping, slots
from rft.runs.slot_queue import SlotQueue
from rft.runs.slots import SlotAnswer, TrainingSlots
from tests.unit.run_world import USE_CASE, World, handler, records


@pytest.fixture
def tokens(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Task tokens that were completed; each works once."""
    used: list[str] = []

    def complete(token: str, output: Any) -> bool:
        if token in used:
            return False
        used.append(token)
        return True

    monkeypatch.setattr(aws, "send_task_success", complete)
    return used


@pytest.fixture
def training(world: World) -> str:
    """A run whose job runs."""
    run_id = world.register(**world.upload(records(260)))
    world.call("validate_dataset", run_id=run_id)
    world.call("acquire_training_slot", run_id=run_id)
    world.call("launch_training", run_id=run_id)
    return run_id


def job_event(world: World, run_id: str, status: str = "Completed") -> dict[str, Any]:
    return {"detail": {"jobName": f"rft-{world.name}-{USE_CASE}-{run_id}", "jobStatus": status}}


def on_event(event: dict[str, Any]) -> bool:
    return bool(handler("on_job_event").handler(event, None)["completed_token"])


def test_the_event_of_the_jobs_end_completes_the_waiting_task_once(
    world: World, training: str, tokens: list[str]
) -> None:
    world.call("await_job", run_id=training, task_token="token-1")
    assert tokens == []
    assert on_event(job_event(world, training))
    assert not on_event(job_event(world, training))
    assert tokens == ["token-1"]


def test_a_job_that_ended_before_the_wait_completes_it_at_once(
    world: World, training: str, tokens: list[str]
) -> None:
    world.engine.job_status = "Completed"
    world.call("await_job", run_id=training, task_token="token-1")
    assert tokens == ["token-1"]


@pytest.mark.parametrize("status", ["InProgress", "Stopping"])
def test_an_event_of_a_running_job_wakes_nobody(
    world: World, training: str, tokens: list[str], status: str
) -> None:
    world.call("await_job", run_id=training, task_token="token-1")
    assert not on_event(job_event(world, training, status))
    assert tokens == []


def test_events_of_jobs_that_are_not_ours_do_nothing(world: World, tokens: list[str]) -> None:
    assert not on_event({"detail": {"jobName": "somebody-elses", "jobStatus": "Completed"}})
    assert tokens == []


def test_a_late_event_of_an_earlier_attempt_does_not_wake_the_present_one(
    world: World, training: str, tokens: list[str]
) -> None:
    job = world.store.get(training).job
    assert job is not None
    world.store.set(training, "job", job.model_copy(update={"name": f"{job.name}-2"}))
    world.store.set(training, "job_token", "token-2")
    assert not on_event(job_event(world, training, "Failed"))
    assert tokens == []


def seen(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    """Let every step so far look like this."""
    curve = [Point(step=step, **values) for step in range(1, 9)]
    monkeypatch.setattr(live_trace, "follow", lambda *_: curve)


def test_a_healthy_job_is_left_alone(world: World, training: str) -> None:
    assert world.call("watch_training", run_id=training) == {
        "status": "InProgress",
        "decision": "continue",
        "next_look_seconds": world.settings.workflow.watch_interval_seconds,
    }


def test_a_broken_reward_stops_the_job_with_its_evidence(
    world: World, training: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, reward_error_rate=0.5)
    for _ in range(2):  # the second call is a retry: the reason stays
        with pytest.raises(errors.TrainingStopped, match="failed on 50% of rollouts"):
            world.call("watch_training", run_id=training)
    assert len(world.engine.stopped) == 1
    advice = world.store.get(training).advice
    assert advice is not None
    assert (advice.action, advice.reason, advice.enforced) == ("abort", "broken_reward", True)
    assert "stopping leaves no model" in advice.explanation
    (reason,) = advice.reasons
    assert (reason.statistic, reason.threshold, reason.evidence["error_rate"]) == (0.5, 0.2, 0.5)


def test_a_job_without_a_price_is_not_watched_for_its_budget_and_says_so_once(
    world: World, training: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        assert world.call("watch_training", run_id=training)["decision"] == "continue"
    notes = [note for note in world.store.get(training).notes if "no price of training is known" in note]
    assert len(notes) == 1


def test_advice_is_sent_once_and_stops_nothing(
    world: World, training: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = world.settings.use_case.watch.model_copy(update={"modes": {"budget": "advised"}})
    settings = world.settings.model_copy(
        update={"use_case": world.settings.use_case.model_copy(update={"watch": watch})}
    )
    world.store.set(training, "settings", settings)
    sent: list[tuple[str, ...]] = []
    monkeypatch.setattr(aws, "publish", lambda *message: sent.append(message))
    seen(monkeypatch, cost_usd=1000.0)
    for _ in range(3):
        assert world.call("watch_training", run_id=training)["decision"] == "abort"
    assert world.engine.stopped == []
    assert len(sent) == 1
    assert "rft runs stop" in sent[0][2]


def test_a_job_stopped_by_a_person_fails_the_run(world: World, training: str) -> None:
    world.engine.job_status = "Stopped"
    with pytest.raises(errors.TrainingStopped, match="was stopped"):
        world.call("watch_training", run_id=training)


def test_the_watch_reads_this_runs_reward_metrics_since_its_launch(world: World, training: str) -> None:
    record = world.store.get(training)
    dimensions = {"use_case": USE_CASE, "environment": world.name, "run": training, "split": "train"}
    aws.client("cloudwatch").put_metric_data(
        Namespace="RFT",
        MetricData=[
            {
                "MetricName": name,
                "Value": value,
                "Dimensions": [{"Name": key, "Value": part} for key, part in dimensions.items()],
            }
            for name, value in (("Samples", 64.0), ("Samples", 64.0), ("RewardErrors", 3.0))
        ],
    )
    found = job_watch.history(record)
    assert (found.samples, found.reward_errors, found.spent_usd) == (128, 3, None)


def test_a_second_run_waits_until_the_first_has_trained(
    world: World, training: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "execution_is_running", lambda arn: arn == "execution-1")
    other = world.register("execution-2", **world.upload(records(260, first=1000), dataset="second"))
    answer = world.call("acquire_training_slot", run_id=other)
    assert answer["acquired"] is False
    assert (answer["holders"], answer["place"]) == ([f"{USE_CASE}/{training}"], 1)
    assert answer["wait_seconds"] == 300
    world.call("release_training_slot", run_id=training)
    assert world.call("acquire_training_slot", run_id=other)["acquired"] is True
    monkeypatch.setattr(aws, "execution_is_running", lambda arn: True)
    world.call("release_training_slot", run_id=training)  # late and repeated: takes nothing from the holder
    assert world.call("acquire_training_slot", run_id=training)["acquired"] is False


def test_a_wait_that_lasts_too_long_leaves_the_queue_and_names_holder_and_setting(
    world: World, training: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "execution_is_running", lambda arn: True)
    other = world.register("execution-2", **world.upload(records(260, first=1000), dataset="second"))
    world.call("acquire_training_slot", run_id=other)
    waited = SlotAnswer(False, (f"{USE_CASE}/{training}",), place=1, waited_seconds=86_401)
    monkeypatch.setattr(TrainingSlots, "acquire", lambda self: waited)
    wanted = rf"number 1 in the queue; .* {USE_CASE}/{training}; .*or raise it or workflow\.training_slots"
    with pytest.raises(errors.SlotTimeout, match=wanted):
        world.call("acquire_training_slot", run_id=other)
    assert in_queue(world).waiters == ()


def in_queue(world: World) -> SlotQueue:
    return slots.read(world.table, f"SLOT#{world.name}", 0)


def slot_notes(world: World, run_id: str) -> list[str]:
    return [note for note in world.store.get(run_id).notes if "slot" in note]


def test_a_lost_slot_is_noted_once_and_the_job_watched_on_until_a_slot_is_free_again(
    world: World, training: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = world.register("execution-2", **world.upload(records(260, first=1000), dataset="second"))
    assert world.call("acquire_training_slot", run_id=other)["acquired"]  # "execution-1" is no execution
    for _ in range(2):
        assert world.call("watch_training", run_id=training)["status"] == "InProgress"
    assert slot_notes(world, training) == [slot_keeping.LOST]
    world.call("release_training_slot", run_id=other)
    for _ in range(2):
        world.call("watch_training", run_id=training)
    assert slot_notes(world, training) == [slot_keeping.LOST, slot_keeping.BACK]
    assert [lease.owner for lease in in_queue(world).holders] == [f"{USE_CASE}/{training}"]


def test_a_busy_queue_is_no_reason_to_stop_watching(
    world: World, training: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(self: TrainingSlots) -> bool:
        raise aws.ThrottlingException("written by others")

    monkeypatch.setattr(TrainingSlots, "renew", busy)
    assert world.call("watch_training", run_id=training)["status"] == "InProgress"
    assert slot_notes(world, training) == []
