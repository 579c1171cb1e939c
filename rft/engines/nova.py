"""Amazon Nova on Bedrock's control plane: customization jobs, custom model deployments, Converse.

Shapes and limits: botocore 1.44.5, service model `bedrock` 2023-04-20.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rft.aws import client, code_of
from rft.engines.base import (
    Answer,
    Capabilities,
    Checkpoint,
    DeploymentState,
    DeploymentStatus,
    JobRequest,
    JobState,
    tag_list,
)
from rft.engines.capabilities import NOVA
from rft.errors import DeploymentFailed
from rft.monitoring.trace import Point
from rft.rewards.tool_reading import CALLS_KEY

CAPABILITIES: Final = NOVA


def create_job_request(request: JobRequest) -> dict[str, Any]:
    """The members of `CreateModelCustomizationJob`."""
    members: dict[str, Any] = {
        "jobName": request.name,
        "customModelName": request.name,
        "roleArn": request.role_arn,
        "clientRequestToken": request.token,
        "baseModelIdentifier": request.base_model_arn,
        "customizationType": "REINFORCEMENT_FINE_TUNING",
        "customModelKmsKeyId": request.kms_key_arn,
        "jobTags": tag_list(request.tags),
        "customModelTags": tag_list(request.tags),
        "trainingDataConfig": (
            {"s3Uri": request.train_uri}
            if request.logs is None
            else {"invocationLogsConfig": dict(request.logs)}
        ),
        "outputDataConfig": {"s3Uri": request.output_uri},
        "customizationConfig": {
            "rftConfig": {
                "graderConfig": {"lambdaGrader": {"lambdaArn": request.reward_function_arn}},
                "hyperParameters": dict(request.hyperparameters),
            }
        },
    }
    if request.validation_uri is not None:
        members["validationDataConfig"] = {"validators": [{"s3Uri": request.validation_uri}]}
    return members


class NovaEngine:
    """The engine of Amazon Nova models."""

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def launch(self, request: JobRequest) -> str:
        bedrock = client("bedrock")
        try:
            return str(bedrock.create_model_customization_job(**create_job_request(request))["jobArn"])
        except Exception as error:
            # The name is this attempt's own, so a conflict is this attempt's job from an earlier try.
            if code_of(error) != "ConflictException":
                raise
            return str(bedrock.get_model_customization_job(jobIdentifier=request.name)["jobArn"])

    def find_job(self, name: str) -> JobState | None:
        try:
            return self.describe(name)
        except Exception as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise

    def describe(self, job_arn: str) -> JobState:
        job = client("bedrock").get_model_customization_job(jobIdentifier=job_arn)
        ended = job.get("endTime")
        return JobState(
            arn=job["jobArn"],
            status=job["status"],
            model_arn=job.get("outputModelArn"),
            failure_message=job.get("failureMessage"),
            ended_at=ended.isoformat() if ended else None,
        )

    def stop(self, job_arn: str) -> bool:
        if self.describe(job_arn).status != "InProgress":
            return False
        try:
            client("bedrock").stop_model_customization_job(jobIdentifier=job_arn)
        except Exception as error:
            if code_of(error) != "ConflictException":
                raise
            return False
        return True

    def metrics(self, job_arn: str) -> list[Point]:
        return []

    def checkpoints(self, job_arn: str) -> list[Checkpoint]:
        return []

    def find_deployment(self, name_or_arn: str) -> DeploymentState | None:
        try:
            found = client("bedrock").get_custom_model_deployment(customModelDeploymentIdentifier=name_or_arn)
        except Exception as error:
            if code_of(error) == "ResourceNotFoundException":
                return None
            raise
        return _deployment_state(found)

    def deploy(self, name: str, model_arn: str, token: str, tags: Mapping[str, str]) -> str:
        existing = self.find_deployment(name)
        if existing is not None:
            if existing.model_arn != model_arn:
                raise DeploymentFailed(
                    f"deployment {name!r} exists for another model, {existing.model_arn}; delete it first"
                )
            return existing.arn
        answer = client("bedrock").create_custom_model_deployment(
            modelDeploymentName=name, modelArn=model_arn, clientRequestToken=token, tags=tag_list(tags)
        )
        return str(answer["customModelDeploymentArn"])

    def move_deployment(self, arn: str, model_arn: str) -> None:
        client("bedrock").update_custom_model_deployment(
            customModelDeploymentIdentifier=arn, modelArn=model_arn
        )

    def remove_deployment(self, name_or_arn: str) -> bool:
        try:
            client("bedrock").delete_custom_model_deployment(customModelDeploymentIdentifier=name_or_arn)
        except Exception as error:
            if code_of(error) == "ResourceNotFoundException":
                return False
            raise
        return True

    def ask(
        self, model_id: str, prompt: Mapping[str, Any], temperature: float, max_tokens: int | None
    ) -> Answer:
        inference: dict[str, Any] = {"temperature": temperature}
        if max_tokens is not None:
            inference["maxTokens"] = max_tokens
        answer = client("bedrock-runtime").converse(modelId=model_id, inferenceConfig=inference, **prompt)
        usage = answer.get("usage", {})
        return Answer(
            text=_text(answer["output"]["message"]["content"]),
            input_tokens=usage.get("inputTokens", 0),
            output_tokens=usage.get("outputTokens", 0),
            stop_reason=answer.get("stopReason", ""),
        )


def _text(blocks: Sequence[Mapping[str, Any]]) -> str:
    """An answer's text; of one that calls tools the calls as JSON, which is what its reward reads."""
    used = [block["toolUse"] for block in blocks if "toolUse" in block]
    if used:
        calls = [{"name": call["name"], "arguments": call["input"]} for call in used]
        return json.dumps({CALLS_KEY: calls}, ensure_ascii=False)
    return "".join(block.get("text", "") for block in blocks)


def _deployment_state(found: Mapping[str, Any]) -> DeploymentState:
    update = found.get("updateDetails") or {}
    status: DeploymentStatus = found["status"]
    serves = found["modelArn"] if status == "Active" else None
    model_arn, failure = found["modelArn"], found.get("failureMessage")
    # While a deployment is moved its status stays Active; only updateDetails tells.
    if update.get("updateStatus") == "Updating":
        status, model_arn = "Updating", update["modelArn"]
    elif update.get("updateStatus") == "UpdateFailed":
        status, failure = "Failed", failure or f"moving it to {update['modelArn']} failed"
    return DeploymentState(found["customModelDeploymentArn"], status, model_arn, serves, failure)
