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
