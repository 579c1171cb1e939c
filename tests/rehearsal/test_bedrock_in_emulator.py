"""A job of the simulated Bedrock in the real emulator: real roles, objects and reward function."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.bedrock import admin
from rehearsal.localaws.server import ROOT_SECRET
from tests.rehearsal.bedrock_world import World, jsonl, math_rows
from tests.rehearsal.localaws_support import Cloud, allow

pytestmark = pytest.mark.rehearsal

REWARD = """
    def handler(event, context):
        print("scored", len(event))
        return [{"id": s["id"], "aggregate_reward_score": float(
            s["messages"][-1]["content"].endswith(s["metadata"]["reference_answer"][-6:]))} for s in event]
"""


class Job:
    """What a customization job needs, made in the emulator; each statement can be left out."""

    def __init__(self, cloud: Cloud, *, lambda_allowed: bool = True, source_account: str = "") -> None:
        self.cloud = cloud
        self.bucket = cloud.bucket()
        s3 = cloud.client("s3")
        s3.put_object(Bucket=self.bucket, Key="train.jsonl", Body=jsonl(math_rows(120)))
        s3.put_object(Bucket=self.bucket, Key="validation.jsonl", Body=jsonl(math_rows(20, 900)))
        function = cloud.function(REWARD)
        account, region = cloud.local.account, cloud.local.region
        statements = [allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{self.bucket}/*")]
        if lambda_allowed:
            statements.append(allow("lambda:InvokeFunction", function))
        role = cloud.role(
            "bedrock",
            *statements,
            StringEquals={"aws:SourceAccount": source_account or account},
            ArnEquals={"aws:SourceArn": f"arn:aws:bedrock:{region}:{account}:model-customization-job/*"},
        )
        self.request = World().job_request(self.bucket, epochCount=3)
        self.request["roleArn"] = role
        self.request["trainingDataConfig"] = {"s3Uri": f"s3://{self.bucket}/train.jsonl"}
        self.request["validationDataConfig"] = {
            "validators": [{"s3Uri": f"s3://{self.bucket}/validation.jsonl"}]
        }
        self.request["outputDataConfig"] = {"s3Uri": f"s3://{self.bucket}/output/"}
        grader = self.request["customizationConfig"]["rftConfig"]["graderConfig"]
        grader["lambdaGrader"]["lambdaArn"] = function

    def run(self) -> dict[str, Any]:
        bedrock = self.cloud.client("bedrock")
        arn = bedrock.create_model_customization_job(**self.request)["jobArn"]
        for _ in range(600):
            job: dict[str, Any] = bedrock.get_model_customization_job(jobIdentifier=arn)
            if job["status"] != "InProgress":
                return job
            time.sleep(0.05)
        raise AssertionError("the job is still running")


def test_a_job_trains_with_its_role_and_its_deployment_answers(cloud: Cloud) -> None:
    prepared = Job(cloud)
    job = prepared.run()
    assert (job["status"], job.get("failureMessage")) == ("Completed", None)
    keys = [o["Key"] for o in cloud.client("s3").list_objects_v2(Bucket=prepared.bucket)["Contents"]]
    assert any(key.endswith("step_wise_training_metrics.csv") for key in keys)
    bedrock = cloud.client("bedrock")
    arn = bedrock.create_custom_model_deployment(
        modelDeploymentName=prepared.bucket, modelArn=job["outputModelArn"]
    )["customModelDeploymentArn"]
    deadline = time.monotonic() + 10
    while bedrock.get_custom_model_deployment(customModelDeploymentIdentifier=arn)["status"] != "Active":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.1)
    question = math_rows(1, 900)[0]["messages"][0]["content"]
    answer = cloud.client("bedrock-runtime").converse(
        modelId=arn, messages=[{"role": "user", "content": [{"text": question}]}]
    )
    assert answer["usage"]["outputTokens"] > 1
    bedrock.delete_custom_model_deployment(customModelDeploymentIdentifier=arn)


def test_a_role_without_the_reward_function_fails_the_job(cloud: Cloud) -> None:
    job = Job(cloud, lambda_allowed=False).run()
    assert job["status"] == "Failed"
    assert "AccessDeniedException" in job["failureMessage"]
    assert "lambda:InvokeFunction" in job["failureMessage"]


def test_a_role_that_trusts_another_account_fails_the_job(cloud: Cloud) -> None:
    job = Job(cloud, source_account="999999999999").run()
    assert job["status"] == "Failed"
    assert "AccessDenied" in job["failureMessage"]
    assert "trust policy" in job["failureMessage"]


def test_faults_are_set_through_the_emulator_s_endpoint(cloud: Cloud) -> None:
    local = cloud.local

    def set_faults(faults: dict[str, Any]) -> dict[str, Any]:
        return admin.set_faults(local.endpoint_url, faults, account=local.account, secret=ROOT_SECRET)

    active = set_faults({"throttle": {"operation": "ListCustomModels", "calls": 100}})
    try:
        assert active == {"throttle": {"operation": "ListCustomModels", "calls": 100}}
        with pytest.raises(ClientError, match="ThrottlingException"):
            cloud.client("bedrock").list_custom_models()
    finally:
        assert set_faults({}) == {}
    assert "modelSummaries" in cloud.client("bedrock").list_custom_models()
