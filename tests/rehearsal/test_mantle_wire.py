"""What the simulated OpenAI-compatible endpoint accepts, refuses and reports, over plain HTTP."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.rehearsal.mantle_world import BASE, REWARD, MantleWorld


@pytest.fixture
def world() -> Iterator[MantleWorld]:
    made = MantleWorld()
    yield made
    made.close()


def call(world: MantleWorld, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Send a request signed with SigV4, unless `headers` say otherwise."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    request = AWSRequest(method, f"{world.endpoint}/v1{path}", data=data, headers=headers)
    if "Authorization" not in headers:
        SigV4Auth(Credentials("ASIAEXAMPLE", "secret"), "bedrock-mantle", "us-west-2").add_auth(request)
    sent = urllib.request.Request(
        request.url,
        data or None,
        {name: value for name, value in request.headers.items() if value},
        method=method,
    )
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(sent, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def upload(world: MantleWorld, data: bytes, purpose: str = "fine-tune") -> tuple[int, Any]:
    lines = [
        b"--edge", b'Content-Disposition: form-data; name="purpose"', b"", purpose.encode(),
        b"--edge", b'Content-Disposition: form-data; name="file"; filename="train.jsonl"',
        b"Content-Type: application/octet-stream", b"", data, b"--edge--", b"",
    ]  # fmt: skip
    form = {"Content-Type": "multipart/form-data; boundary=edge"}
    return call(world, "POST", "/files", b"\r\n".join(lines), **form)


def job(file: str, **changes: Any) -> dict[str, Any]:
    details = {
        "grader": {"type": "lambda", "lambda": {"function": REWARD}},
        "hyperparameters": {"n_epochs": 1, "batch_size": 60},
    }
    return {
        "model": BASE,
        "training_file": file,
        "method": {"type": "reinforcement", "reinforcement": details},
        **changes,
    }


def test_a_file_arrives_byte_for_byte_whatever_its_line_ends(world: MantleWorld) -> None:
    data = b'{"a": "\xe2\x80\xa8"}\r\n{"b": 1}\n\r\n'
    status, found = upload(world, data)
    assert (status, found["bytes"], found["filename"]) == (200, len(data), "train.jsonl")
    assert world.mantle.store.files[found["id"]].data == data


def test_signed_requests_are_taken_without_a_key(world: MantleWorld) -> None:
    assert call(world, "GET", "/models")[1]["data"][0]["id"] == BASE
    assert world.port.asked == [
        ("bedrock-mantle:ListModels", "arn:aws:bedrock-mantle:us-west-2:123456789012:project/default")
    ]


@pytest.mark.parametrize(
    "header", ["", "Bearer sk-1234", "Bearer bedrock-api-key-!!", "Bearer bedrock-api-key-YQ=="]
)
def test_a_request_that_nobody_signed_is_refused(world: MantleWorld, header: str) -> None:
    status, found = call(world, "GET", "/files", None, Authorization=header)
    assert (status, found["error"]["type"]) == (401, "authentication_error")


def test_what_the_caller_may_not_do_is_refused_by_its_action(world: MantleWorld) -> None:
    world.port.denied = {"bedrock-mantle:CreateFile"}
    status, found = upload(world, b"{}")
    assert status == 403
    assert "bedrock-mantle:CreateFile" in found["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model": "amazon.nova-2-lite-v1:0:256k"}, "cannot be fine-tuned with this API"),
        ({"suffix": "mine"}, "suffix: not supported"),
        ({"method": {"type": "supervised"}}, "reinforcement only"),
        (
            {"method": {"type": "reinforcement", "reinforcement": {"grader": {"type": "python"}}}},
            "must be lambda",
        ),
        ({"metadata": {str(n): "x" for n in range(17)}}, "more than 16 pairs"),
    ],
)
def test_a_job_that_aws_does_not_document_is_refused(
    world: MantleWorld, changes: dict[str, Any], words: str
) -> None:
    file = upload(world, world.train)[1]["id"]
    status, found = call(world, "POST", "/fine_tuning/jobs", job(file, **changes))
    assert status == 400
    assert words in found["error"]["message"]


def test_other_hyperparameters_than_the_documented_three_are_refused(world: MantleWorld) -> None:
    request = job(upload(world, world.train)[1]["id"])
    request["method"]["reinforcement"]["hyperparameters"]["learning_rate"] = 1e-4
    status, found = call(world, "POST", "/fine_tuning/jobs", request)
    assert (status, "learning_rate: not supported" in found["error"]["message"]) == (400, True)


def test_the_reward_is_called_as_the_jobs_creator_with_references_as_text_objects(world: MantleWorld) -> None:
    request = job(upload(world, world.train)[1]["id"])
    identity = call(world, "POST", "/fine_tuning/jobs", request)[1]["id"]
    assert world.wait(identity).status == "succeeded"
    assert world.port.assumed == [("ASIAEXAMPLE", identity)]
    sample = world.port.function.events[0][0]
    assert set(sample["metadata"]["reference_answer"]) == {"text"}
    assert sample["metadata"]["rft"]["run"] == "r1"


def test_a_dataset_that_is_too_small_fails_the_job(world: MantleWorld) -> None:
    request = job(upload(world, b"\n".join(world.train.splitlines()[:50]))[1]["id"])
    identity = call(world, "POST", "/fine_tuning/jobs", request)[1]["id"]
    assert world.wait(identity).status == "failed"
    assert "the minimum is 100" in call(world, "GET", f"/fine_tuning/jobs/{identity}")[1]["error"]["message"]


def test_metrics_events_have_the_documented_members(world: MantleWorld) -> None:
    request = job(upload(world, world.train)[1]["id"])
    identity = call(world, "POST", "/fine_tuning/jobs", request)[1]["id"]
    world.wait(identity)
    page = call(world, "GET", f"/fine_tuning/jobs/{identity}/events?limit=100")[1]
    metrics = [event["data"] for event in page["data"] if event["type"] == "metrics"]
    assert [data["step"] for data in metrics] == [2, 1]  # the newest first
    assert set(metrics[0]) == {
        "step", "total_steps", "critic_rewards_mean", "critic_advantages_mean", "actor_pg_loss", "actor_entropy",
        "actor_grad_norm", "response_length_mean",
    }  # fmt: skip


def test_models_of_another_account_do_not_exist(world: MantleWorld) -> None:
    body = {"model": "ft:openai.gpt-oss-20b:m-1", "messages": [{"role": "user", "content": "Hello?"}]}
    assert call(world, "POST", "/chat/completions", body)[0] == 404


def test_an_overfitted_job_keeps_a_better_model_in_an_earlier_checkpoint(world: MantleWorld) -> None:
    world.mantle._faults.set({"overfit": {"step": 2, "strength": 1.5}})
    request = job(upload(world, world.train)[1]["id"])
    request["method"]["reinforcement"]["hyperparameters"] = {"n_epochs": 2, "batch_size": 24}
    identity = call(world, "POST", "/fine_tuning/jobs", request)[1]["id"]
    done = world.wait(identity)
    first, last = done.checkpoints[0]["fine_tuned_model_checkpoint"], done.model

    def right(model: str) -> int:
        prompts = [f"Ann has {n} apples and buys 2. How many? {'.' * (n % 300)}" for n in range(40)]
        body = {"model": model, "temperature": 0}
        texts = [
            call(
                world, "POST", "/chat/completions", {**body, "messages": [{"role": "user", "content": text}]}
            )[1]
            for text in prompts
        ]
        return sum(
            text["choices"][0]["message"]["content"].strip().endswith(f"#### {n + 2}")
            for n, text in enumerate(texts)
        )

    assert right(first) > right(last) + 5


def test_a_file_for_another_purpose_is_refused(world: MantleWorld) -> None:
    assert upload(world, b"{}", "batch")[0] == 400
