"""An execution that somebody aborted cannot clean up itself; the event of its end does."""

import pytest

from rft.runs.record import Status
from tests.unit.run_world import World
from tests.unit.test_handlers_run import prepare


@pytest.mark.parametrize("status", ["ABORTED", "TIMED_OUT"])
def test_an_aborted_execution_leaves_no_job_and_no_slot(world: World, status: str) -> None:
    run_id = prepare(world)
    world.call("acquire_training_slot", run_id=run_id)
    world.call("launch_training", run_id=run_id)
    event = {"execution_arn": world.store.get(run_id).execution_arn, "status": status, "reason": "aborted"}
    done = world.call("compensate", **event)["done"]
    assert done == ["stopped the job", "released the training slot"]
    record = world.store.get(run_id)
    assert record.status is Status.FAILED
    assert record.failure is not None
    assert record.failure.error == f"Execution.{status}"
    assert "submit again" in record.failure.cause
    assert world.call("compensate", **event) == {"done": []}


def test_an_aborted_execution_without_a_run_of_its_own_touches_nothing(world: World) -> None:
    run_id = prepare(world)
    before = world.store.get(run_id)
    event = {"execution_arn": "arn:of-a-duplicate", "status": "ABORTED", "reason": "aborted"}
    assert world.call("compensate", **event) == {"done": []}
    assert world.store.get(run_id) == before


def restart(world: World, run_id: str) -> None:
    key = world.store.get(run_id).dataset["train"].key
    again = world.call("register_run", execution_arn="execution-2", bucket=world.datasets, key=key)
    assert (again["run_id"], again["duplicate"]) == (run_id, False)


def test_a_restart_adopts_the_job_that_a_crash_left_behind(world: World) -> None:
    run_id = prepare(world)
    world.call("acquire_training_slot", run_id=run_id)
    first = world.call("launch_training", run_id=run_id)
    aborted = {"execution_arn": "execution-1", "status": "ABORTED", "reason": "aborted"}
    restart(world, run_id)
    assert world.call("acquire_training_slot", run_id=run_id)["acquired"]
    assert world.call("launch_training", run_id=run_id)["job_arn"] == first["job_arn"]
    assert len(world.engine.requests) == 1
    record = world.store.get(run_id)
    assert record.attempt == 2
    assert record.job is not None
    assert world.store.run_of_job(record.job.name) == run_id
    assert "adopted job" in record.notes[-1]
    # What cleans up after the first execution comes later and leaves the run to the second.
    assert world.call("compensate", **aborted) == {"done": []}
    assert world.engine.job_status == "InProgress"


def test_a_job_whose_arn_was_never_stored_is_adopted_by_its_name(world: World) -> None:
    run_id = prepare(world)
    first = world.call("launch_training", run_id=run_id)
    world.store.set(run_id, "job", None)
    restart(world, run_id)
    assert world.call("launch_training", run_id=run_id)["job_arn"] == first["job_arn"]
    assert len(world.engine.requests) == 1


def test_a_second_crash_before_the_launch_does_not_lose_the_job(world: World) -> None:
    run_id = prepare(world)
    first = world.call("launch_training", run_id=run_id)
    restart(world, run_id)
    key = world.store.get(run_id).dataset["train"].key
    world.call("register_run", execution_arn="execution-3", bucket=world.datasets, key=key)
    assert world.call("launch_training", run_id=run_id)["job_arn"] == first["job_arn"]
    world.store.set(run_id, "job", None)
    assert "stopped the job" in world.call("compensate", run_id=run_id, reason="failed")["done"]


def test_a_crash_in_the_middle_of_adopting_does_not_lose_the_job(world: World) -> None:
    run_id = prepare(world)
    first = world.call("launch_training", run_id=run_id)
    restart(world, run_id)
    world.store.enter(run_id, "LaunchTraining")  # and the execution dies before it has looked
    key = world.store.get(run_id).dataset["train"].key
    world.call("register_run", execution_arn="execution-3", bucket=world.datasets, key=key)
    assert len(world.store.get(run_id).adopts) == 2
    assert world.call("launch_training", run_id=run_id)["job_arn"] == first["job_arn"]
    assert len(world.engine.requests) == 1


@pytest.mark.parametrize("status", ["Stopping", "Stopped", "Failed"])
def test_a_job_that_came_to_nothing_is_not_adopted(world: World, status: str) -> None:
    run_id = prepare(world)
    world.call("launch_training", run_id=run_id)
    restart(world, run_id)
    world.engine.job_status = status
    world.call("launch_training", run_id=run_id)
    assert len(world.engine.requests) == 2
