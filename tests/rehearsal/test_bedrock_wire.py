"""Every operation of the simulated Bedrock, through real botocore clients, with requests checked."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.bedrock.errors import ServiceError
from rehearsal.bedrock.wire import Wire
from tests.rehearsal.bedrock_world import ACCOUNT, BASE, REGION, World, math_rows


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def trained() -> tuple[World, dict[str, Any]]:
    world = World()
    return world, world.train()


def refusal(call: Any, **params: Any) -> tuple[str, str]:
    """Code and message of the error that a call is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def posted(world: World, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and body of a request to create a job that no botocore client would send."""
    status, _, body = world.control.answer("POST", "/model-customization-jobs", json.dumps(request).encode())
    return status, json.loads(body)


def test_a_job_is_described_with_what_created_it(trained: tuple[World, dict[str, Any]]) -> None:
    world, job = trained
    request = world.job_request()
    assert job["status"] == "Completed"
    assert job["jobArn"].startswith(f"arn:aws:bedrock:{REGION}:{ACCOUNT}:model-customization-job/{BASE}/")
    assert job["outputModelArn"].startswith(f"arn:aws:bedrock:{REGION}:{ACCOUNT}:custom-model/{BASE}/")
    assert len(job["outputModelArn"].rsplit("/")[-1]) == 12
    for name in (
        "customizationConfig",
        "trainingDataConfig",
        "validationDataConfig",
        "outputDataConfig",
        "roleArn",
    ):
        assert job[name] == request[name]
    assert job["baseModelArn"] == f"arn:aws:bedrock:{REGION}::foundation-model/{BASE}"
    assert {phase["status"] for phase in job["statusDetails"].values()} == {"Completed"}
    assert job["endTime"] >= job["creationTime"]


def test_a_job_is_found_by_arn_and_by_name(trained: tuple[World, dict[str, Any]]) -> None:
    world, job = trained
    for identifier in (job["jobArn"], job["jobName"]):
        found = world.client.get_model_customization_job(jobIdentifier=identifier)
        assert found["jobArn"] == job["jobArn"]


def test_jobs_models_and_deployments_are_listed_in_pages_and_filtered() -> None:
    world = World()
    names = ["one", "two", "three"]
    models = [world.train(name, epochCount=1)["outputModelArn"] for name in names]
    pages = world.client.get_paginator("list_model_customization_jobs").paginate(
        PaginationConfig={"PageSize": 2}
    )
    assert [s["jobName"] for page in pages for s in page["modelCustomizationJobSummaries"]] == names[::-1]
    listed = world.client.list_custom_models(nameContains="t", sortOrder="Ascending")["modelSummaries"]
    assert [model["modelName"] for model in listed] == ["two", "three"]
    assert listed[0]["baseModelName"] == "amazon.nova-2-lite-v1"
    world.deploy(models[0])
    found = world.client.list_custom_model_deployments(statusEquals="Active", modelArnEquals=models[0])
    assert [d["customModelDeploymentName"] for d in found["modelDeploymentSummaries"]] == ["d1"]
    assert not world.client.list_model_customization_jobs(statusEquals="Failed")[
        "modelCustomizationJobSummaries"
    ]


def test_a_model_is_described_and_deleted_only_when_it_is_not_deployed() -> None:
    world = World()
    arn = world.train(epochCount=1)["outputModelArn"]
    model = world.client.get_custom_model(modelIdentifier=arn)
    assert (model["modelName"], model["modelStatus"]) == ("job-1", "Active")
    deployment = world.deploy(arn)
    world.client.get_custom_model_deployment(customModelDeploymentIdentifier=deployment)
    assert refusal(world.client.delete_custom_model, modelIdentifier=arn)[0] == "ConflictException"
    world.client.delete_custom_model_deployment(customModelDeploymentIdentifier="d1")
    world.client.delete_custom_model(modelIdentifier="job-1")
    assert refusal(world.client.get_custom_model, modelIdentifier=arn)[0] == "ResourceNotFoundException"


def test_tags_of_a_job_are_listed_added_and_removed(trained: tuple[World, dict[str, Any]]) -> None:
    world, job = trained
    arn = job["jobArn"]
    world.client.tag_resource(resourceARN=arn, tags=[{"key": "team", "value": "rft"}])
    assert {"key": "run", "value": "job-1"} in world.client.list_tags_for_resource(resourceARN=arn)["tags"]
    world.client.untag_resource(resourceARN=arn, tagKeys=["run"])
    assert world.client.list_tags_for_resource(resourceARN=arn)["tags"] == [{"key": "team", "value": "rft"}]
    missing = arn[:-12] + "a" * 12
    assert refusal(world.client.list_tags_for_resource, resourceARN=missing)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"jobName": "no_underscore"}, "jobName"),
        ({"customModelName": "no.dot"}, "customModelName"),
        ({"roleArn": "role"}, "roleArn"),
        ({"jobName": None}, "jobName"),
        ({"customizationType": "RFT"}, "customizationType"),
        ({"customizationType": "FINE_TUNING"}, "customizationType"),
        ({"outputDataConfig": {"s3Uri": "file://x"}}, "outputDataConfig.s3Uri"),
        ({"outputDataConfig": {"s3Uri": "s3://bucket/x", "kmsKeyId": "k"}}, "outputDataConfig.kmsKeyId"),
        ({"vpcConfig": {"subnets": ["s-1"], "securityGroupIds": ["g"]}}, "vpcConfig.subnets"),
        ({"baseModelIdentifier": "amazon.nova-pro-v1:0"}, "baseModelIdentifier"),
        ({"baseModelIdentifier": "openai.gpt-oss-20b"}, "baseModelIdentifier"),
        ({"hyperParameters": {"epochCount": "2"}}, "hyperParameters"),
        ({"customizationConfig": {}}, "customizationConfig"),
        ({"customizationConfig": {"rftConfig": {}}}, "graderConfig"),
        ({"trainingDataConfig": {}}, "trainingDataConfig.s3Uri"),
    ],
)
def test_a_bad_request_is_refused_with_the_name_of_the_member(
    world: World, change: dict[str, Any], member: str
) -> None:
    request = {name: value for name, value in (world.job_request() | change).items() if value is not None}
    status, error = posted(world, request)
    assert (status, error["__type"]) == (400, "ValidationException")
    assert member in error["message"]
    assert not world.client.list_model_customization_jobs()["modelCustomizationJobSummaries"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batchSize", 8),
        ("epochCount", 51),
        ("learningRate", 0.01),
        ("trainingSamplePerPrompt", 1),
        ("evalInterval", 0),
        ("epochCount", "6"),
        ("reasoningEffort", "max"),
        ("temperature", 1.0),
    ],
)
def test_a_hyperparameter_out_of_range_is_refused(world: World, name: str, value: Any) -> None:
    status, error = posted(world, world.job_request(**{name: value}))
    assert (status, error["__type"]) == (400, "ValidationException")
    assert f"customizationConfig.rftConfig.hyperParameters.{name}" in error["message"]


def test_a_base_model_is_refused_outside_its_region(world: World) -> None:
    from rehearsal.bedrock.port import Scope

    world.port.where = Scope(ACCOUNT, "us-west-2")
    code, message = refusal(world.client.create_model_customization_job, **world.job_request())
    assert code == "ValidationException"
    assert "us-east-1" in message


def test_the_same_token_with_the_same_request_gives_the_same_job(world: World) -> None:
    request = world.job_request(epochCount=1)
    first = world.client.create_model_customization_job(**request)["jobArn"]
    assert world.client.create_model_customization_job(**request)["jobArn"] == first
    changed = request | {"jobName": "job-2", "customModelName": "job-2"}
    assert refusal(world.client.create_model_customization_job, **changed)[0] == "ConflictException"
    world.wait(first)


def test_a_name_in_use_conflicts(world: World) -> None:
    world.train(epochCount=1)
    request = world.job_request() | {"clientRequestToken": "other"}
    assert refusal(world.client.create_model_customization_job, **request)[0] == "ConflictException"
    renamed = request | {"jobName": "job-2"}
    assert refusal(world.client.create_model_customization_job, **renamed)[0] == "ConflictException"


def test_the_eleventh_running_job_exceeds_the_quota() -> None:
    world = World({"slow_job": {"seconds_per_step": 600}})
    world.port.scale = 1.0
    jobs = [
        world.client.create_model_customization_job(**world.job_request(f"job-{n}"))["jobArn"]
        for n in range(10)
    ]
    code, _ = refusal(world.client.create_model_customization_job, **world.job_request("job-10"))
    assert code == "ServiceQuotaExceededException"
    for arn in jobs:
        world.client.stop_model_customization_job(jobIdentifier=arn)
    assert {world.wait(arn, "Stopped")["status"] for arn in jobs} == {"Stopped"}


def test_what_does_not_exist_is_not_found(world: World) -> None:
    client = world.client
    assert refusal(client.get_model_customization_job, jobIdentifier="none")[0] == "ResourceNotFoundException"
    assert (
        refusal(client.stop_model_customization_job, jobIdentifier="none")[0] == "ResourceNotFoundException"
    )
    assert refusal(client.get_custom_model, modelIdentifier="none")[0] == "ResourceNotFoundException"
    assert (
        refusal(client.get_custom_model_deployment, customModelDeploymentIdentifier="none")[0]
        == "ResourceNotFoundException"
    )


def test_an_error_carries_the_status_of_the_service_model(world: World) -> None:
    status, headers, body = world.control.answer("GET", "/model-customization-jobs/none", b"")
    assert status == 404
    assert headers["x-amzn-ErrorType"] == json.loads(body)["__type"] == "ResourceNotFoundException"


def test_an_arn_with_slashes_is_recognised_encoded_and_decoded() -> None:
    wire = Wire("bedrock")
    arn = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:model-customization-job/{BASE}/abcdefghijkl"
    for written in (arn, arn.replace("/", "%2F").replace(":", "%3A")):
        name, params = wire.parse("POST", f"/model-customization-jobs/{written}/stop", None, b"")
        assert (name, params) == ("StopModelCustomizationJob", {"jobIdentifier": arn})


def test_a_body_that_is_not_json_is_refused() -> None:
    with pytest.raises(ServiceError, match="SerializationException"):
        Wire("bedrock").parse("POST", "/model-customization-jobs", None, b"{")


def test_an_operation_outside_the_simulation_is_named_in_the_refusal(world: World) -> None:
    code, message = refusal(world.client.list_guardrails)
    assert code == "UnknownOperationException"
    assert "ListGuardrails" in message


def test_a_reset_forgets_everything(world: World) -> None:
    world.train(epochCount=1)
    world.control.reset()
    assert not world.client.list_custom_models()["modelSummaries"]
    assert world.control.get_state() == {}
    assert math_rows(1)[0]["messages"][0]["content"]
