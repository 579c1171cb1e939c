"""Faults injected into the simulated Bedrock."""

import csv
import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.bedrock import admin
from rehearsal.bedrock.faults import FAULTS, FaultTable
from rehearsal.bedrock.policy import Policy
from tests.rehearsal.bedrock_world import World


def statuses(world: World) -> list[str]:
    return [detail["jobStatus"] for _, detail in world.port.events]


def entropies(world: World) -> list[float]:
    (data,) = [
        d for (_, key), d in world.port.s3.objects.items() if key.endswith("step_wise_training_metrics.csv")
    ]
    return [float(row["actor/entropy"]) for row in csv.DictReader(io.StringIO(data.decode()))]


def test_every_fault_says_what_it_does_in_a_sentence() -> None:
    assert admin.descriptions().keys() == FAULTS.keys()
    assert all(text.endswith(".") and len(text) > 30 for text in admin.descriptions().values())
    assert "base model" in FAULTS["no_improvement"].description


def test_the_first_calls_are_throttled_and_the_next_passes() -> None:
    world = World({"throttle": {"operation": "CreateModelCustomizationJob", "calls": 2}})
    for _ in range(2):
        with pytest.raises(ClientError, match="ThrottlingException"):
            world.client.create_model_customization_job(**world.job_request())
    assert world.train(epochCount=1)["status"] == "Completed"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("lose_end_event", ["InProgress"]),
        ("duplicate_end_event", ["InProgress", "Completed", "Completed"]),
    ],
)
def test_the_end_event_is_lost_or_sent_twice(fault: str, expected: list[str]) -> None:
    world = World({fault: {}})
    assert world.train(epochCount=1)["status"] == "Completed"
    assert statuses(world) == expected


def test_the_job_fails_at_the_step() -> None:
    world = World({"fail_job": {"step": 2}})
    job = world.train(evalInterval=100)
    assert job["status"] == "Failed"
    assert "step 2" in job["failureMessage"]
    assert sum(map(len, world.port.function.events)) == 2 * 32 * 8


def test_a_deployment_and_an_update_fail_once() -> None:
    world = World({"fail_deployment": {}, "fail_update": {}})
    model = world.train(epochCount=1)["outputModelArn"]
    world.deploy(model, "first")
    failed = world.client.get_custom_model_deployment(customModelDeploymentIdentifier="first")
    assert failed["status"] == "Failed"
    assert failed["failureMessage"]
    arn = world.deploy(model, "second")
    get = world.client.get_custom_model_deployment
    assert get(customModelDeploymentIdentifier=arn)["status"] == "Active"
    for expected in ("UpdateFailed", "UpdateCompleted"):
        world.client.update_custom_model_deployment(customModelDeploymentIdentifier=arn, modelArn=model)
        assert get(customModelDeploymentIdentifier=arn)["updateDetails"]["updateStatus"] == expected


def test_without_improvement_the_candidate_is_the_base_model() -> None:
    world = World({"no_improvement": {}})
    job = world.train()
    assert job["status"] == "Completed"
    assert world.bedrock.store.models[job["outputModelArn"]].policy == Policy()


def test_a_collapse_drives_the_entropy_towards_zero() -> None:
    healthy, ill = World(), World({"entropy_collapse": {"step": 6}})
    healthy.train(learningRate=1e-4)
    ill.train(learningRate=1e-4)
    assert entropies(ill)[:6] == entropies(healthy)[:6]
    assert entropies(ill)[-1] < 0.1
    assert entropies(ill)[-1] < 0.3 * entropies(healthy)[-1]


def test_faults_are_set_listed_and_cleared_while_running() -> None:
    world = World()

    def post(body: Any) -> tuple[int, dict[str, Any]]:
        status, _, answer = world.control.answer("POST", admin.PATH, json.dumps(body).encode())
        return status, json.loads(answer)

    assert post({"fail_job": {"step": 9}}) == (
        200,
        {"active": {"fail_job": {"step": 9}}, "known": admin.descriptions()},
    )
    status, _, answer = world.control.answer("GET", admin.PATH, b"")
    assert (status, json.loads(answer)["active"]) == (200, {"fail_job": {"step": 9}})
    assert post({"nonsense": {}})[0] == 400
    assert post({"fail_job": {"steps": 9}})[0] == 400
    assert post({})[1]["active"] == {}


def test_faults_come_from_the_environment_as_json() -> None:
    assert FaultTable('{"slow_job": {"seconds_per_step": 5}}').describe() == {
        "slow_job": {"seconds_per_step": 5}
    }
    assert FaultTable("").describe() == {}
    assert FaultTable({"slow_job": False}).describe() == {}
