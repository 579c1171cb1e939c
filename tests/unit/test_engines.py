"""The nova engine's requests, checked against botocore's own service model, and how it reads the answers."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from rft import catalogue, names
from rft.engines import engine_for, nova
from rft.engines.base import JobRequest
from rft.errors import DeploymentFailed
from rft.rewards import Sample, tool_calls
from rft.settings import Hyperparameters

ACCOUNT = "123456789012"
JOB = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:model-customization-job/amazon.nova-2-lite-v1:0:256k/abcdefghijkl"
MODEL = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:custom-model/amazon.nova-2-lite-v1:0:256k/abcdefghijkl"
OTHER_MODEL = MODEL.replace("abcdefghijkl", "mnopqrstuvwx")
DEPLOYMENT = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:custom-model-deployment/abcdefghijkl"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LONGEST = names.UseCaseNames("e" * names.MAX_ENVIRONMENT_LENGTH, "u" * names.MAX_USE_CASE_LENGTH)


def request(**changes: Any) -> JobRequest:
    members: dict[str, Any] = {
        "name": LONGEST.job("0123456789abcdef", 1),
        "token": "0123456789abcdef",
        "base_model_arn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-lite-v1:0:256k",
        "role_arn": f"arn:aws:iam::{ACCOUNT}:role/rft-dev-gsm8k-job",
        "train_uri": "s3://bucket/gsm8k/runs/0123456789abcdef/dataset/train.jsonl",
        "validation_uri": "s3://bucket/gsm8k/runs/0123456789abcdef/dataset/validation.jsonl",
        "output_uri": "s3://bucket/gsm8k/runs/0123456789abcdef/output/",
        "reward_function_arn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:rft-dev-gsm8k-reward:7",
        "hyperparameters": Hyperparameters(
            epochCount=2,
            batchSize=64,
            learningRate=1e-4,
            maxPromptLength=4096,
            trainingSamplePerPrompt=8,
            inferenceMaxTokens=1024,
            reasoningEffort="high",
            evalInterval=10,
        ).api(),
        "kms_key_arn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000",
        "tags": {"rft:environment": "dev", "rft:use-case": "gsm8k", "rft:run": "0123456789abcdef"},
    }
    return JobRequest(**{**members, **changes})


@pytest.fixture
def bedrock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    client = boto3.client("bedrock", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(nova, "client", lambda service: client)
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def deployment(**changes: Any) -> dict[str, Any]:
    return {
        "customModelDeploymentArn": DEPLOYMENT,
        "modelDeploymentName": "stable",
        "modelArn": MODEL,
        "createdAt": NOW,
        "status": "Active",
        **changes,
    }


@pytest.mark.parametrize("validation_uri", [None, "s3://bucket/validation.jsonl"])
def test_bedrock_accepts_the_job_request(bedrock: Stubber, validation_uri: str | None) -> None:
    asked = request(validation_uri=validation_uri)
    bedrock.add_response("create_model_customization_job", {"jobArn": JOB}, nova.create_job_request(asked))
    assert nova.NovaEngine().launch(asked) == JOB


def test_the_job_is_reinforcement_fine_tuning_with_our_grader() -> None:
    members = nova.create_job_request(request())
    assert members["customizationType"] == "REINFORCEMENT_FINE_TUNING"
    assert members["clientRequestToken"] == "0123456789abcdef"
    grader = members["customizationConfig"]["rftConfig"]["graderConfig"]["lambdaGrader"]
    assert grader["lambdaArn"].endswith(":7")
    assert "validationDataConfig" not in nova.create_job_request(request(validation_uri=None))
    assert len(members["jobName"]) <= catalogue.MAX_NAME_LENGTH


def test_a_job_that_exists_already_is_found_by_its_name(bedrock: Stubber) -> None:
    bedrock.add_client_error("create_model_customization_job", "ConflictException")
    bedrock.add_response("get_model_customization_job", job(), {"jobIdentifier": request().name})
    assert nova.NovaEngine().launch(request()) == JOB


def job(**changes: Any) -> dict[str, Any]:
    return {
        "jobArn": JOB,
        "jobName": "job",
        "outputModelName": "model",
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/job",
        "creationTime": NOW,
        "baseModelArn": "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-lite-v1:0:256k",
        "trainingDataConfig": {"s3Uri": "s3://bucket/train.jsonl"},
        "validationDataConfig": {"validators": []},
        "outputDataConfig": {"s3Uri": "s3://bucket/output/"},
        "status": "InProgress",
        **changes,
    }


def test_a_finished_job_names_its_model_and_its_end(bedrock: Stubber) -> None:
    bedrock.add_response(
        "get_model_customization_job", job(status="Completed", outputModelArn=MODEL, endTime=NOW)
    )
    state = nova.NovaEngine().describe(JOB)
    assert (state.status, state.model_arn, state.is_over) == ("Completed", MODEL, True)
    assert state.ended_at == "2026-11-20T00:00:00+00:00"


def test_a_job_that_is_over_is_not_stopped_again(bedrock: Stubber) -> None:
    bedrock.add_response("get_model_customization_job", job(status="Failed", failureMessage="no"))
    assert nova.NovaEngine().stop(JOB) is False


def test_a_running_job_is_stopped(bedrock: Stubber) -> None:
    bedrock.add_response("get_model_customization_job", job())
    bedrock.add_response("stop_model_customization_job", {}, {"jobIdentifier": JOB})
    assert nova.NovaEngine().stop(JOB) is True


def test_deploying_again_finds_the_deployment(bedrock: Stubber) -> None:
    bedrock.add_response("get_custom_model_deployment", deployment())
    assert nova.NovaEngine().deploy("stable", MODEL, "token", {}) == DEPLOYMENT


def test_a_first_deployment_is_created_with_its_token(bedrock: Stubber) -> None:
    bedrock.add_client_error("get_custom_model_deployment", "ResourceNotFoundException")
    bedrock.add_response(
        "create_custom_model_deployment",
        {"customModelDeploymentArn": DEPLOYMENT},
        {
            "modelDeploymentName": "stable",
            "modelArn": MODEL,
            "clientRequestToken": "token",
            "tags": [{"key": "rft:run", "value": "0123456789abcdef"}],
        },
    )
    tags = {"rft:run": "0123456789abcdef"}
    assert nova.NovaEngine().deploy("stable", MODEL, "token", tags) == DEPLOYMENT


def test_a_name_taken_by_another_model_is_refused(bedrock: Stubber) -> None:
    bedrock.add_response("get_custom_model_deployment", deployment(modelArn=OTHER_MODEL))
    with pytest.raises(DeploymentFailed, match="exists for another model"):
        nova.NovaEngine().deploy("stable", MODEL, "token", {})


@pytest.mark.parametrize(
    ("update", "status", "model", "serves"),
    [
        (None, "Active", MODEL, MODEL),
        ("Updating", "Updating", OTHER_MODEL, MODEL),
        ("UpdateCompleted", "Active", MODEL, MODEL),
        ("UpdateFailed", "Failed", MODEL, MODEL),
    ],
)
def test_a_move_is_read_from_its_update_details(
    bedrock: Stubber, update: str | None, status: str, model: str, serves: str
) -> None:
    details = {"updateDetails": {"modelArn": OTHER_MODEL, "updateStatus": update}} if update else {}
    bedrock.add_response("get_custom_model_deployment", deployment(**details))
    state = nova.NovaEngine().find_deployment("stable")
    assert state is not None
    assert (state.status, state.model_arn, state.serves) == (status, model, serves)


def test_moving_and_removing_use_the_services_own_names(bedrock: Stubber) -> None:
    bedrock.add_response(
        "update_custom_model_deployment",
        {"customModelDeploymentArn": DEPLOYMENT},
        {"customModelDeploymentIdentifier": DEPLOYMENT, "modelArn": OTHER_MODEL},
    )
    bedrock.add_response(
        "delete_custom_model_deployment", {}, {"customModelDeploymentIdentifier": DEPLOYMENT}
    )
    bedrock.add_client_error("delete_custom_model_deployment", "ResourceNotFoundException")
    engine = nova.NovaEngine()
    engine.move_deployment(DEPLOYMENT, OTHER_MODEL)
    assert [engine.remove_deployment(DEPLOYMENT) for _ in range(2)] == [True, False]


def test_the_catalogue_leads_to_the_engine_of_a_model() -> None:
    assert isinstance(engine_for(catalogue.base_model("amazon.nova-2-lite-v1:0:256k")), nova.NovaEngine)


def test_nova_tells_no_curves_and_has_no_checkpoints() -> None:
    assert nova.NovaEngine().metrics(JOB) == []
    assert nova.NovaEngine().checkpoints(JOB) == []


def test_converse_requests_are_accepted_and_texts_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    from rft.evaluation.prompts import converse_prompt

    runtime = boto3.client("bedrock-runtime", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    monkeypatch.setattr(nova, "client", lambda service: runtime)
    tools = [
        {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
    ]
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "1+1?"}]},
        {
            "role": "assistant",
            "tool_calls": [{"id": "c1", "function": {"name": "add", "arguments": '{"a": 1}'}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "2"},
        {"role": "user", "content": "So?"},
    ]
    prompt = converse_prompt(messages, tools)
    assert [turn["role"] for turn in prompt["messages"]] == ["user", "assistant", "user"]
    blocks = [{"text": "It is "}, {"reasoningContent": {"reasoningText": {"text": "hm"}}}, {"text": "2."}]
    answer = {
        "output": {"message": {"role": "assistant", "content": blocks}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 9, "outputTokens": 4, "totalTokens": 13},
        "metrics": {"latencyMs": 10},
    }
    inference = {"temperature": 0.0, "maxTokens": 64}
    with Stubber(runtime) as stubber:
        stubber.add_response(
            "converse", answer, {"modelId": DEPLOYMENT, "inferenceConfig": inference, **prompt}
        )
        given = nova.NovaEngine().ask(DEPLOYMENT, prompt, 0.0, 64)
    assert (given.text, given.output_tokens, given.stop_reason) == ("It is 2.", 4, "end_turn")


def test_an_answer_that_calls_tools_reaches_the_reward_as_the_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = [
        {"text": "I will look."},
        {"toolUse": {"toolUseId": "a", "name": "find_room", "input": {"seats": 4}}},
        {"toolUse": {"toolUseId": "b", "name": "ping", "input": {}}},
    ]
    calls = {
        "tool_calls": [{"name": "find_room", "arguments": {"seats": 4}}, {"name": "ping", "arguments": {}}]
    }
    message = {"role": "assistant", "content": blocks}
    runtime = SimpleNamespace(converse=lambda **_: {"output": {"message": message}, "stopReason": "tool_use"})
    monkeypatch.setattr(nova, "client", lambda service: runtime)
    text = nova.NovaEngine().ask(DEPLOYMENT, {"messages": []}, 0.0, 64).text
    assert json.loads(text) == calls
    asked = Sample("1", (), text, calls)
    assert tool_calls(asked) == tool_calls(replace(asked, response="", answer=message))
