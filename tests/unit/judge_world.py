"""A scripted judge behind a real botocore client, which checks every request against the service's model."""

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from rft import aws
from rft.reward_settings import Judge
from rft.rewards import judge_usage
from rft.rewards.contract import Sample

Answer = dict[str, Any] | int  # a Converse response's body, or the status of a failure
Script = Callable[[dict[str, Any]], Answer]
MODEL = "amazon.nova-pro-v1:0"


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class ScriptedJudge:
    """Answers requests by a script and keeps them."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def send(self, request: Any, **_: Any) -> AWSResponse:
        body = json.loads(request.body)
        with self._lock:
            self.requests.append(body)
        given = self.script(body)
        status, content = (given, {"message": "no"}) if isinstance(given, int) else (200, given)
        headers = HTTPHeaders()
        if status == 403:
            headers["x-amzn-ErrorType"] = "AccessDeniedException"
        return AWSResponse(request.url, status, headers, _Raw(json.dumps(content).encode()))

    @property
    def texts(self) -> list[str]:
        """The user messages."""
        return [request["messages"][0]["content"][0]["text"] for request in self.requests]


@contextmanager
def scripted(script: Script, **settings: Any) -> Iterator[ScriptedJudge]:
    """Have every judge that is asked inside of the `with` answer by a script."""
    judge = ScriptedJudge(script)
    real = boto3.client

    def make(service: str, **options: Any) -> Any:
        client: Any = real(service, **options)  # type: ignore[call-overload]
        client.meta.events.register("before-send", judge.send)
        return client

    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "x")
        patch.setenv("AWS_REGION", "us-east-1")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("RFT_JUDGE", Judge(model=MODEL, **settings).model_dump_json())
        patch.setattr(boto3, "client", make)
        aws.forget_clients()
        judge_usage.drain()
        yield judge
    aws.forget_clients()


def tool_answer(given: Any, name: str = "hand_in_grades", **members: Any) -> dict[str, Any]:
    """The body of an answer that calls the tool with this input."""
    block = {"toolUse": {"toolUseId": "t1", "name": name, "input": given}}
    return answer_of([block], **members)


def answer_of(blocks: list[dict[str, Any]], **members: Any) -> dict[str, Any]:
    return {
        "output": {"message": {"role": "assistant", "content": blocks}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 100, "outputTokens": 20, "totalTokens": 120},
        "metrics": {"latencyMs": 1},
        **members,
    }


def graded(request: Mapping[str, Any], grade: Any) -> dict[str, Any]:
    """An answer that gives every criterion of the request's form this grade."""
    form = request["toolConfig"]["tools"][0]["toolSpec"]["inputSchema"]["json"]["properties"]
    return tool_answer({name: "why" if name.endswith("_reason") else grade for name in form})


def sample(response: str, reference: Any = "The cat sat on the mat.", **extra: Any) -> Sample:
    prompt = {"role": "user", "content": "Where did the cat sit?"}
    return Sample("1", (prompt,), response, reference, extra)
