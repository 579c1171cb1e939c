"""Requests to the simulated Bedrock are authorised as AWS authorises them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.localaws_support import Cloud, allow, wait_until

pytestmark = pytest.mark.rehearsal

BASE = "amazon.nova-2-lite-v1:0:256k"


def arn(cloud: Cloud, resource: str) -> str:
    return f"arn:aws:bedrock:{cloud.local.region}:{cloud.local.account}:{resource}"


def denied(call: Any, **arguments: Any) -> str | None:
    """The action that AWS says is not allowed, None when authorisation passed."""
    try:
        call(**arguments)
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDeniedException":
            return None
        message: str = error.response["Error"]["Message"]
        return message.split("not authorized to perform: ")[1].split(" ")[0]
    return None


def job(role: str) -> dict[str, Any]:
    return {
        "jobName": "job-1",
        "customModelName": "model-1",
        "roleArn": role,
        "baseModelIdentifier": BASE,
        "customizationType": "REINFORCEMENT_FINE_TUNING",
        "trainingDataConfig": {"s3Uri": "s3://nowhere/train.jsonl"},
        "outputDataConfig": {"s3Uri": "s3://nowhere/output/"},
        "jobTags": [{"key": "rft:run", "value": "1"}],
    }


def test_creating_a_job_needs_each_of_its_permissions(cloud: Cloud) -> None:
    role = cloud.role("bedrock")
    model = f"arn:aws:bedrock:{cloud.local.region}::foundation-model/{BASE}"
    own = [arn(cloud, "custom-model/*"), arn(cloud, "model-customization-job/*")]
    create = allow("bedrock:CreateModelCustomizationJob", [model, *own])
    tag = allow("bedrock:TagResource", own)
    passing = allow("iam:PassRole", role, StringEquals={"iam:PassedToService": "bedrock.amazonaws.com"})
    elsewhere = allow("iam:PassRole", role, StringEquals={"iam:PassedToService": "lambda.amazonaws.com"})
    for statements, missing in (
        ([tag, passing], "bedrock:CreateModelCustomizationJob"),
        (
            [allow("bedrock:CreateModelCustomizationJob", model), tag, passing],
            "bedrock:CreateModelCustomizationJob",
        ),
        ([create, tag], "iam:PassRole"),
        ([create, tag, elsewhere], "iam:PassRole"),
        ([create, passing], "bedrock:TagResource"),
        ([create, tag, passing], None),
    ):
        client = cloud.as_user(*statements).client("bedrock")
        assert denied(client.create_model_customization_job, **job(role)) == missing


def test_jobs_and_deployments_are_authorised_on_their_own_arns(cloud: Cloud) -> None:
    mine, other = (
        arn(cloud, "custom-model-deployment/abcdefghijkl"),
        arn(cloud, "custom-model-deployment/zzzzzzzzzzzz"),
    )
    jobs = arn(cloud, f"model-customization-job/{BASE}/abcdefghijkl")
    model = arn(cloud, f"custom-model/{BASE}/abcdefghijkl")
    client = cloud.as_user(
        allow(["bedrock:GetCustomModelDeployment", "bedrock:UpdateCustomModelDeployment"], mine),
        allow(["bedrock:GetModelCustomizationJob", "bedrock:StopModelCustomizationJob"], jobs),
        allow("bedrock:GetCustomModel", model),
    ).client("bedrock")
    assert denied(client.get_custom_model_deployment, customModelDeploymentIdentifier=mine) is None
    assert denied(client.get_custom_model_deployment, customModelDeploymentIdentifier="abcdefghijkl") is None
    assert denied(client.get_model_customization_job, jobIdentifier=jobs) is None
    assert denied(client.stop_model_customization_job, jobIdentifier=jobs) is None
    assert denied(client.get_custom_model, modelIdentifier=model) is None
    get = "bedrock:GetCustomModelDeployment"
    assert denied(client.get_custom_model_deployment, customModelDeploymentIdentifier=other) == get
    assert denied(client.list_custom_model_deployments) == "bedrock:ListCustomModelDeployments"
    update = {"customModelDeploymentIdentifier": mine, "modelArn": model}
    assert denied(client.update_custom_model_deployment, **update) == "bedrock:UpdateCustomModelDeployment"


def test_creating_a_deployment_is_authorised_on_its_model(cloud: Cloud) -> None:
    model = arn(cloud, f"custom-model/{BASE}/abcdefghijkl")
    request = {"modelDeploymentName": "candidate", "modelArn": model}
    allowed = cloud.as_user(allow("bedrock:CreateCustomModelDeployment", arn(cloud, "custom-model/*")))
    assert denied(allowed.client("bedrock").create_custom_model_deployment, **request) is None
    refused = cloud.as_user(allow("bedrock:CreateCustomModelDeployment", arn(cloud, "imported-model/*")))
    call = refused.client("bedrock").create_custom_model_deployment
    assert denied(call, **request) == "bedrock:CreateCustomModelDeployment"


def test_converse_is_invoke_model_on_the_deployment_or_the_profile_and_its_model(cloud: Cloud) -> None:
    deployment = arn(cloud, "custom-model-deployment/abcdefghijkl")
    profile = arn(cloud, "inference-profile/us.amazon.nova-lite-v1:0")
    model = "arn:aws:bedrock:*::foundation-model/amazon.nova-lite-v1:0"
    message = [{"role": "user", "content": [{"text": "What is 1 + 1?"}]}]

    def refusal(statement: dict[str, Any], model_id: str) -> str | None:
        client = cloud.as_user(statement).client("bedrock-runtime")
        return denied(client.converse, modelId=model_id, messages=message)

    assert refusal(allow("bedrock:InvokeModel", deployment), deployment) is None
    assert (
        refusal(allow("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*"), deployment)
        == "bedrock:InvokeModel"
    )
    assert refusal(allow("bedrock:InvokeModel", [profile, model]), "us.amazon.nova-lite-v1:0") is None
    assert refusal(allow("bedrock:InvokeModel", profile), "us.amazon.nova-lite-v1:0") == "bedrock:InvokeModel"


@pytest.mark.parametrize(("service", "account"), [("lambda", None), ("bedrock", "999999999999")])
def test_a_job_fails_when_its_role_does_not_trust_bedrock(
    cloud: Cloud, service: str, account: str | None
) -> None:
    condition = {"StringEquals": {"aws:SourceAccount": account}} if account else {}
    grader = {"lambdaGrader": {"lambdaArn": cloud.function("def handler(event, context): return []")}}
    name = f"untrusted-{service}"
    request = job(cloud.role(service, **condition)) | {"jobName": name, "customModelName": name}
    request["customizationConfig"] = {"rftConfig": {"graderConfig": grader}}
    client = cloud.client("bedrock")
    made = client.create_model_customization_job(**request)["jobArn"]

    def failure() -> str | None:
        described = client.get_model_customization_job(jobIdentifier=made)
        message: str | None = described.get("failureMessage")
        return message if described["status"] == "Failed" else None

    assert "assume" in wait_until(failure)
