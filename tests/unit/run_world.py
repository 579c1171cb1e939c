"""A use case for tests of handlers: emulated S3, DynamoDB, SSM and SNS; a model and a reward in memory."""

import importlib.util
import itertools
import json
import os
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from rehearsal.localaws.cloud import LocalAws
from rft import aws
from rft.engines.base import Answer, Capabilities, Checkpoint, DeploymentState, JobRequest, JobState
from rft.monitoring.trace import Point
from rft.rewards import batch
from rft.rewards.contract import MissingReferenceError
from rft.runs.store import RunStore
from rft.settings import RunSettings

ROOT = Path(__file__).parents[2]
USE_CASE = "sums"
ACCOUNT = "000000000000"
REWARD_ARN = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:rft-local-sums-reward:1"
_worlds = itertools.count(1)

SETTINGS: Mapping[str, Any] = {
    "use_case": {
        "name": USE_CASE,
        "description": "Sums of two numbers, for tests",
        "base_model": "amazon.nova-2-lite-v1:0:256k",
        "hyperparameters": {"epochCount": 2, "trainingSamplePerPrompt": 4, "inferenceMaxTokens": 64},
        "dataset": {"slice_key": "level"},
        "gate": {"min_prompts": 10},
        "probe": {"prompts": 8},
    },
    "budget_usd_per_run": 50.0,
}


def handler(name: str) -> Any:
    """The handler of `lambda/<name>`, loaded afresh."""
    path = ROOT / "lambda" / name / "handler.py"
    spec = importlib.util.spec_from_file_location(f"handler_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def reward(sample: Any) -> float:
    """1 for the reference, 0 for anything else."""
    if sample.reference is None:
        raise MissingReferenceError("no reference")
    return float(sample.response == sample.reference)


def records(count: int, first: int = 0) -> bytes:
    lines = (
        {
            "messages": [{"role": "user", "content": f"What is {number} plus 1?"}],
            "reference_answer": str(number + 1),
            "level": "even" if number % 2 == 0 else "odd",
        }
        for number in range(first, first + count)
    )
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@dataclass
class FakeEngine:
    """Answers sums rightly in `skill` of 10 cases; jobs and deployments change when a test says so."""

    base_skill: int = 4
    tuned_skill: int = 9
    job_status: Any = "InProgress"
    new_deployment_status: Any = "Active"
    deployments: dict[str, DeploymentState] = field(default_factory=dict)
    requests: list[JobRequest] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    calls: Counter[int] = field(default_factory=Counter)
    saved: list[Checkpoint] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    capabilities = Capabilities(
        live_metrics=False, checkpoints=False, stop_keeps_model=False, needs_deployment=True
    )
    model_arn = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:custom-model/amazon.nova/abcdefghijkl"

    def launch(self, request: JobRequest) -> str:
        self.requests.append(request)
        return f"arn:aws:bedrock:us-east-1:{ACCOUNT}:model-customization-job/{request.name}"

    def find_job(self, name: str) -> JobState | None:
        return next((self.describe(name) for request in self.requests if request.name == name), None)

    def describe(self, job_arn: str) -> JobState:
        model = self.model_arn if self.job_status == "Completed" else None
        failure = "the reward function timed out" if self.job_status == "Failed" else None
        name = job_arn.rpartition("/")[2]
        arn = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:model-customization-job/{name}"
        return JobState(arn, self.job_status, model, failure, None)

    def stop(self, job_arn: str) -> bool:
        if self.job_status != "InProgress":
            return False
        self.stopped.append(job_arn)
        self.job_status = "Stopped"
        return True

    def metrics(self, job_arn: str) -> list[Point]:
        return []

    def checkpoints(self, job_arn: str) -> list[Checkpoint]:
        return list(self.saved)

    def find_deployment(self, name_or_arn: str) -> DeploymentState | None:
        return self.deployments.get(name_or_arn.rpartition("/")[2])

    def deploy(self, name: str, model_arn: str, token: str, tags: Mapping[str, str]) -> str:
        arn = f"arn:aws:bedrock:us-east-1:{ACCOUNT}:custom-model-deployment/{name}"
        status = self.new_deployment_status
        serves = model_arn if status == "Active" else None
        self.deployments[name] = DeploymentState(arn, status, model_arn, serves, None)
        return arn

    def move_deployment(self, arn: str, model_arn: str) -> None:
        self.deployments[arn.rpartition("/")[2]] = DeploymentState(arn, "Active", model_arn, model_arn, None)

    def remove_deployment(self, name_or_arn: str) -> bool:
        return self.deployments.pop(name_or_arn.rpartition("/")[2], None) is not None

    def ask(
        self, model_id: str, prompt: Mapping[str, Any], temperature: float, max_tokens: int | None
    ) -> Answer:
        number = int(prompt["messages"][0]["content"][0]["text"].split()[2])
        skill = self.tuned_skill if "custom-model-deployment" in model_id else self.base_skill
        place = number
        if temperature > 0:
            with self.lock:
                self.calls[number] += 1
            place += 3 * self.calls[number]  # several answers to one prompt differ
        text = str(number + 1) if place % 10 < skill else "I do not know"
        return Answer(text, 10, 5, "end_turn")


class World:
    """One use case in an environment of its own; the emulator is shared."""

    def __init__(self, local: LocalAws, settings: Mapping[str, Any] = SETTINGS) -> None:
        self.local = local
        self.engine = FakeEngine()
        self.name = f"w{next(_worlds)}"
        self.settings = RunSettings.model_validate(settings)
        self.table, self.datasets, self.artifacts = (
            f"{self.name}-runs",
            f"{self.name}-datasets",
            f"{self.name}-artifacts",
        )
        make_table(aws.client("dynamodb"), self.table)
        s3 = aws.client("s3")
        for bucket in (self.datasets, self.artifacts):
            s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=self.datasets, VersioningConfiguration={"Status": "Enabled"})
        self.topic = aws.client("sns").create_topic(Name=self.name)["TopicArn"]
        self.variables = {
            "RFT_ENVIRONMENT": self.name,
            "RFT_USE_CASE": USE_CASE,
            "RFT_RUNS_TABLE": self.table,
            "RFT_DATASETS_BUCKET": self.datasets,
            "RFT_ARTIFACTS_BUCKET": self.artifacts,
            "RFT_SETTINGS_PARAMETER": f"/{self.name}/settings",
            "RFT_REWARD_FUNCTION_ARN": REWARD_ARN,
            "RFT_REWARD_CODE_SHA256": "c" * 64,
            "RFT_JOB_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/job",
            "RFT_KMS_KEY_ARN": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000",
            "RFT_TOPIC_ARN": self.topic,
            "RFT_DEPLOYMENT_PARAMETER": f"/{self.name}/deployment-arn",
            "POWERTOOLS_SERVICE_NAME": "test",
        }
        self.save_settings()

    def save_settings(self) -> None:
        aws.client("ssm").put_parameter(
            Name=self.variables["RFT_SETTINGS_PARAMETER"],
            Value=self.settings.model_dump_json(),
            Type="String",
            Overwrite=True,
        )

    @property
    def store(self) -> RunStore:
        return RunStore(self.table, USE_CASE)

    def upload(
        self, data: bytes, split: str = "train", dataset: str = "first", **metadata: str
    ) -> dict[str, str]:
        key = f"{USE_CASE}/{dataset}/{split}.jsonl"
        aws.client("s3").put_object(Bucket=self.datasets, Key=key, Body=data, Metadata=metadata)
        return {"bucket": self.datasets, "key": key}

    def call(self, name: str, **event: Any) -> dict[str, Any]:
        answer: dict[str, Any] = handler(name).handler(event, None)
        return answer

    def register(self, execution: str = "execution-1", **where: str) -> str:
        return str(self.call("register_run", execution_arn=execution, **where)["run_id"])


def make_table(dynamodb: Any, name: str) -> None:
    """The runs table as the foundation stack makes it."""
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk", "use_case", "created_at")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-created",
                "KeySchema": [
                    {"AttributeName": "use_case", "KeyType": "HASH"},
                    {"AttributeName": "created_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def local_reward(function_arn: str, payload: Any) -> Any:
    """Stands for the deployed reward function: the wire's own code around `reward`."""
    assert function_arn == REWARD_ARN
    return json.loads(json.dumps(batch.score_batch(json.loads(json.dumps(payload)), reward)))


def emulator() -> Iterator[LocalAws]:
    """A local AWS with the process's clients pointed at it."""
    with LocalAws(wait_scale=0.001, auth=False) as local, mock.patch.dict(os.environ, local.environ()):
        aws.client.cache_clear()
        yield local
        aws.client.cache_clear()
