"""Two runs of a use case are promoted at the same time."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rft import aws
from rft.engines.base import DeploymentState
from rft.runs import settling
from rft.runs.record import Status
from rft.runs.report import verdict_sentence
from tests.unit.run_world import World
from tests.unit.test_handlers_run import compare, prepare, train

BUSY = {"Error": {"Code": "ValidationException", "Message": "the deployment must be Active"}}


@pytest.fixture
def gated(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """A run whose candidate passed the gate, beside a stable deployment."""
    monkeypatch.setattr(settling, "SETTLE_SECONDS", 0)
    monkeypatch.setattr(settling, "POLL_SECONDS", 0)
    world.engine.deploy(stable(world), "arn:old-model", "token", {})
    run_id = prepare(world)
    train(world, run_id)
    compare(world, run_id)
    return run_id


def stable(world: World) -> str:
    return f"rft-{world.name}-sums"


def change(world: World, **members: Any) -> DeploymentState:
    found = world.engine.deployments[stable(world)]
    changed = world.engine.deployments[stable(world)] = replace(found, **members)
    return changed


def test_a_promotion_waits_for_another_one_and_remembers_its_model(world: World, gated: str) -> None:
    change(world, status="Updating", model_arn="arn:another-run")
    with pytest.raises(aws.ServiceUnavailableException, match="another run is being promoted"):
        world.call("promote", run_id=gated)
    assert world.store.get(gated).stable is None
    change(world, status="Active", serves="arn:another-run")
    world.call("promote", run_id=gated)
    promoted = world.store.get(gated).stable
    assert promoted is not None
    assert promoted.previous_model_arn == "arn:another-run"


def test_a_promotion_that_another_one_overtakes_forgets_its_way_back(
    world: World, gated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(arn: str, model_arn: str) -> None:
        change(world, status="Updating", model_arn="arn:another-run")
        raise ClientError(BUSY, "UpdateCustomModelDeployment")  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(world.engine, "move_deployment", overtaken)
        with pytest.raises(aws.ServiceUnavailableException, match="another run is being promoted"):
            world.call("promote", run_id=gated)
    assert world.store.get(gated).stable is None


def test_a_refusal_of_a_settled_deployment_is_an_error(
    world: World, gated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(arn: str, model_arn: str) -> None:
        raise ClientError(BUSY, "UpdateCustomModelDeployment")  # type: ignore[arg-type]

    monkeypatch.setattr(world.engine, "move_deployment", refused)
    with pytest.raises(ClientError, match="must be Active"):
        world.call("promote", run_id=gated)


def test_a_promotion_that_was_followed_by_another_is_left_to_that_one(world: World, gated: str) -> None:
    world.call("promote", run_id=gated)
    change(world, model_arn="arn:another-run", serves="arn:another-run")
    assert world.call("check_deployment", run_id=gated, which="stable") == {"ready": True}
    assert world.call("observe", run_id=gated) == {"mean_reward": None}
    record = world.store.get(gated)
    assert record.stable is not None
    assert (record.stable.superseded, record.smoke_reward) == (True, None)
    succeeded = record.model_copy(update={"status": Status.SUCCEEDED})
    assert verdict_sentence(succeeded).endswith("was promoted; another run was, right after it.")
    assert any("another run was promoted right after this one" in note for note in record.notes)
    world.call("compensate", run_id=gated, reason="failed")
    assert world.engine.deployments[stable(world)].serves == "arn:another-run"
