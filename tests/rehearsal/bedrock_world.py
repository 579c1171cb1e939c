"""A simulated Bedrock without an emulator: a fake port, real botocore clients wired to it in-process."""

import io
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import ClientError

from rehearsal.bedrock.port import Scope, StoredObject
from rehearsal.bedrock.service import Bedrock, Endpoint

ACCOUNT, REGION = "123456789012", "us-east-1"
BASE = "amazon.nova-2-lite-v1:0:256k"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/rft-job"
REWARD = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rft-reward:3"
Event = list[dict[str, Any]]
_SESSION = botocore.session.Session()  # keeps the parsed service models


def client_error(code: str, operation: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": f"not authorized to perform {operation}"}}, operation
    )


class FakeS3:
    """Objects in memory; `denied` holds names of operations that are refused."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.denied: set[str] = set()

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        if "GetObject" in self.denied:
            raise client_error("AccessDenied", "s3:GetObject")
        return {"Body": io.BytesIO(self.objects[Bucket, Key])}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:
        yield {
            "Contents": [{"Key": k} for b, k in sorted(self.objects) if b == Bucket and k.startswith(Prefix)]
        }

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:
        if "PutObject" in self.denied:
            raise client_error("AccessDenied", "s3:PutObject")
        self.objects[Bucket, Key] = Body


class FakeLambda:
    """Invokes a Python function in the place of the reward function and records the events."""

    def __init__(self, reward: Callable[[Event], Any]) -> None:
        self.reward = reward
        self.events: list[Event] = []
        self.errors: list[Exception] = []

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:
        if self.errors:
            raise self.errors.pop(0)
        event = json.loads(Payload)
        self.events.append(event)
        try:
            return {"Payload": io.BytesIO(json.dumps(self.reward(event)).encode())}
        except RuntimeError as error:
            body = {"errorType": "RuntimeError", "errorMessage": str(error)}
            return {"Payload": io.BytesIO(json.dumps(body).encode()), "FunctionError": "Unhandled"}


def math_score(sample: Mapping[str, Any]) -> float:
    """0.1 for the marker, 0.9 more for the right number after it; 0.5 for the right number without it."""
    reference = sample["metadata"]["reference_answer"]
    gold = (reference["text"] if isinstance(reference, dict) else reference).split("####")[1].strip()
    text = sample["messages"][-1]["content"]
    marked = re.findall(r"####\s*(-?[\d,.]+)", text)
    if marked:
        return 1.0 if marked[-1] == gold else 0.1
    numbers = re.findall(r"-?\d+", text)
    return 0.3 if numbers and numbers[-1] == gold else 0.0


def math_reward(event: Event) -> Any:
    return [{"id": sample["id"], "aggregate_reward_score": math_score(sample)} for sample in event]


def math_rows(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [
        {
            "messages": [
                {"role": "user", "content": f"Ann has {n} apples and buys 2. How many? {'.' * (n % 300)}"}
            ],
            "reference_answer": f"She has {n} and buys 2.\nSo she has {n} + 2 = {n + 2}.\n#### {n + 2}",
            "rft": {"run": "r1", "split": "train", "prompt": str(n), "slice": "all"},
        }
        for n in range(start, start + count)
    ]


def jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


class FakePort:
    """The emulator's part, in memory."""

    def __init__(self) -> None:
        self.where = Scope(ACCOUNT, REGION)
        self.s3 = FakeS3()
        self.function = FakeLambda(math_reward)
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.trust_error: Exception | None = None
        self.assumed: list[tuple[str, str]] = []
        self.scale = 0.0
        self.denied: set[str] = set()
        self.asked: list[tuple[str, str]] = []

    def scope(self) -> Scope:
        return self.where

    def wait_scale(self) -> float:
        return self.scale

    def clients(
        self, scope: Scope, role_arn: str, source_arn: str, session_name: str
    ) -> Callable[[str], Any]:
        if self.trust_error:
            raise self.trust_error
        self.assumed.append((role_arn, source_arn))
        return lambda service: self.s3 if service == "s3" else self.function

    def caller_clients(self, scope: Scope, access_key: str, session_name: str) -> Callable[[str], Any]:
        self.assumed.append((access_key, session_name))
        return lambda service: self.function

    def refusal(self, scope: Scope, access_key: str, action: str, resource: str) -> str | None:
        self.asked.append((action, resource))
        return f"not authorized to perform {action}" if action in self.denied else None

    def put_event(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None:
        self.events.append((detail_type, detail))

    def put_object(self, scope: Scope, bucket: str, key: str, data: bytes) -> None:
        self.s3.objects[bucket, key] = data

    def jsonl_objects(self) -> Iterator[StoredObject]:
        for (bucket, key), data in list(self.s3.objects.items()):
            if key.endswith(".jsonl"):
                yield StoredObject(bucket, key, str(hash(data)), lambda data=data: data)  # type: ignore[misc]


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class World:
    """A Bedrock on a fake port, with botocore clients of both services."""

    def __init__(self, faults: Mapping[str, Any] | None = None) -> None:
        self.port = FakePort()
        self.bedrock = Bedrock(self.port, faults)
        self.control = Endpoint("bedrock", self.bedrock, self.bedrock.operations)
        self.inference = Endpoint("bedrock-runtime", self.bedrock, self.bedrock.runtime_operations)
        self.client = self._client("bedrock", self.control)
        self.runtime = self._client("bedrock-runtime", self.inference)
        self.put("train", math_rows(120))
        self.put("validation", math_rows(30, 1000))

    @staticmethod
    def _client(service: str, endpoint: Endpoint) -> Any:
        client = _SESSION.create_client(
            service,
            region_name=REGION,
            aws_access_key_id="x",
            aws_secret_access_key="y",
            config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
        )

        def send(request: Any, **_: Any) -> AWSResponse:
            url = urlsplit(request.url)
            body = request.body or b""
            status, headers, answer = endpoint.answer(
                request.method,
                url.path,
                body.encode() if isinstance(body, str) else body,
                parse_qs(url.query),
            )
            received = HTTPHeaders()
            for name, value in headers.items():
                received[name] = value
            return AWSResponse(request.url, status, received, _Raw(answer))

        client.meta.events.register("before-send", cast(Any, send))
        return client

    def put(self, name: str, rows: list[dict[str, Any]]) -> None:
        self.port.s3.objects["artifacts", f"run/{name}.jsonl"] = jsonl(rows)

    def job_request(self, name: str = "job-1", **hyperparameters: Any) -> dict[str, Any]:
        settings = {
            "epochCount": 6,
            "batchSize": 32,
            "learningRate": 1e-4,
            "trainingSamplePerPrompt": 8,
            "evalInterval": 4,
        }
        return {
            "jobName": name,
            "customModelName": name,
            "roleArn": ROLE,
            "baseModelIdentifier": BASE,
            "customizationType": "REINFORCEMENT_FINE_TUNING",
            "clientRequestToken": f"token-{name}",
            "trainingDataConfig": {"s3Uri": "s3://artifacts/run/train.jsonl"},
            "validationDataConfig": {"validators": [{"s3Uri": "s3://artifacts/run/validation.jsonl"}]},
            "outputDataConfig": {"s3Uri": "s3://artifacts/run/output/"},
            "jobTags": [{"key": "run", "value": name}],
            "customizationConfig": {
                "rftConfig": {
                    "graderConfig": {"lambdaGrader": {"lambdaArn": REWARD}},
                    "hyperParameters": {**settings, **hyperparameters},
                }
            },
        }

    def wait(self, job_arn: str, *statuses: str) -> dict[str, Any]:
        """Poll until the job is over (or in one of the given statuses)."""
        wanted = statuses or ("Completed", "Failed", "Stopped")
        for _ in range(2000):
            job: dict[str, Any] = self.client.get_model_customization_job(jobIdentifier=job_arn)
            if job["status"] in wanted:
                self._settle()
                return job
            time.sleep(0.01)
        raise AssertionError(f"job still {job['status']}")

    def _settle(self) -> None:
        """Wait until the job's thread is over and its last event is sent."""
        for thread in threading.enumerate():
            if thread.name.startswith("job-"):
                thread.join(5)
        self.bedrock.flush_events()

    def train(self, name: str = "job-1", **hyperparameters: Any) -> dict[str, Any]:
        """Run a job to its end and return its description."""
        arn = self.client.create_model_customization_job(**self.job_request(name, **hyperparameters))[
            "jobArn"
        ]
        return self.wait(arn)

    def deploy(self, model_arn: str, name: str = "d1") -> str:
        arn: str = self.client.create_custom_model_deployment(modelDeploymentName=name, modelArn=model_arn)[
            "customModelDeploymentArn"
        ]
        return arn

    def ask(self, model_id: str, text: str, **options: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.runtime.converse(
            modelId=model_id, messages=[{"role": "user", "content": [{"text": text}]}], **options
        )
        return answer
