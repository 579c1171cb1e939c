"""Deployments and Converse of the simulated Bedrock."""

import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.bedrock.service import Bedrock
from rft.datasets.converters.invocation_logs import LogFilter, from_invocation_logs
from rft.datasets.converters.port import Kept, Options
from tests.rehearsal.bedrock_world import ACCOUNT, BASE, REGION, FakePort, World, math_rows, math_score

JUDGE = "us.amazon.nova-pro-v1:0"
COLD: dict[str, Any] = {"inferenceConfig": {"temperature": 0.0}}


@pytest.fixture(scope="module")
def world() -> World:
    """A trained model and an active deployment of it."""
    world = World()
    world.deploy(world.train()["outputModelArn"], "stable")
    world.put("test", math_rows(150, 5000))
    return world


def deployment(world: World, name: str = "stable") -> dict[str, Any]:
    found: dict[str, Any] = world.client.get_custom_model_deployment(customModelDeploymentIdentifier=name)
    return found


def code_of(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Code"])


def text_of(answer: dict[str, Any]) -> str:
    return str(answer["output"]["message"]["content"][0]["text"])


def mean_score(world: World, model_id: str, rows: list[dict[str, Any]], temperature: float = 0.0) -> float:
    total = 0.0
    for row in rows:
        answer = world.ask(
            model_id,
            row["messages"][0]["content"],
            inferenceConfig={"temperature": temperature, "maxTokens": 500},
        )
        total += math_score({"metadata": row, "messages": [{"content": text_of(answer)}]})
    return total / len(rows)


def fresh(scale: float = 0.0, faults: dict[str, Any] | None = None) -> tuple[World, str]:
    """A world of its own with one model, and then a slower clock."""
    world = World(faults)
    arn = world.train(epochCount=1)["outputModelArn"]
    world.port.scale = scale
    return world, arn


def test_the_candidate_beats_the_base_model_on_held_out_prompts(world: World) -> None:
    rows = math_rows(150, 5000)
    arn = deployment(world)["customModelDeploymentArn"]
    for temperature in (0.0, 0.7):
        base, candidate = (
            mean_score(world, BASE, rows, temperature),
            mean_score(world, arn, rows, temperature),
        )
        assert 0.25 < base < 0.6
        assert 0.8 < candidate < 1.0


def test_at_temperature_zero_answers_repeat_and_above_they_vary(world: World) -> None:
    text = math_rows(1, 5003)[0]["messages"][0]["content"]
    assert len({text_of(world.ask(BASE, text, **COLD)) for _ in range(5)}) == 1
    warm = {text_of(world.ask(BASE, text, inferenceConfig={"temperature": 1.0})) for _ in range(20)}
    assert len(warm) > 3


def test_sampled_answers_are_the_same_in_a_new_process() -> None:
    texts = []
    for _ in range(2):
        world = World()
        row = math_rows(1)[0]["messages"][0]["content"]
        texts.append([text_of(world.ask(BASE, row, inferenceConfig={"temperature": 1.0})) for _ in range(6)])
    assert texts[0] == texts[1]


def test_the_answer_reports_usage_latency_and_the_end(world: World) -> None:
    answer = world.ask(BASE, "Who are you?")
    assert answer["stopReason"] == "end_turn"
    usage = answer["usage"]
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"] > 0
    assert answer["metrics"]["latencyMs"] >= 1


def test_an_answer_is_cut_at_max_tokens(world: World) -> None:
    answer = world.ask(BASE, "Who are you?", inferenceConfig={"maxTokens": 3})
    assert answer["stopReason"] == "max_tokens"
    assert len(text_of(answer)) == 12


def test_a_prompt_is_known_with_its_system_text_and_other_white_space() -> None:
    world = World()
    rows = math_rows(120, 7000)
    for row in rows:
        row["messages"].insert(0, {"role": "system", "content": "End with #### and the number."})
    world.put("more", rows)
    spaced = rows[0]["messages"][1]["content"].replace(" ", "\n  ")
    system = [{"text": "End with #### and the number."}]
    known = {text_of(world.ask(BASE, spaced, system=system)) for _ in range(12)}
    assert any("7002" in text for text in known)
    assert "7002" not in text_of(world.ask(BASE, spaced, **COLD))


def test_a_deployment_answers_by_its_arn_only(world: World) -> None:
    found = deployment(world)
    assert code_of(world.ask, model_id=found["modelArn"], text="x") == "ValidationException"
    other = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:custom-model-deployment/aaaaaaaaaaaa"
    assert code_of(world.ask, model_id=other, text="x") == "ResourceNotFoundException"
    assert code_of(world.ask, model_id="nobody.unknown-v1:0", text="x") == "ValidationException"


def test_a_conversation_that_does_not_end_with_the_user_is_refused(world: World) -> None:
    messages = [{"role": "assistant", "content": [{"text": "x"}]}]
    assert code_of(world.runtime.converse, modelId=BASE, messages=messages) == "ValidationException"


def test_a_temperature_above_one_is_refused(world: World) -> None:
    assert (
        code_of(world.ask, model_id=BASE, text="x", inferenceConfig={"temperature": 1.5})
        == "ValidationException"
    )


def test_a_deployment_is_created_warms_up_and_serves() -> None:
    world, model = fresh(0.002)
    arn = world.deploy(model)
    assert deployment(world, "d1")["status"] == "Creating"
    assert code_of(world.ask, model_id=arn, text="x") == "ModelNotReadyException"
    time.sleep(0.31)
    assert deployment(world, "d1")["status"] == "Active"
    time.sleep(0.05)
    assert text_of(world.ask(arn, "x"))


def test_the_third_deployment_in_creation_and_the_eleventh_exceed_quotas() -> None:
    world, model = fresh(1.0)
    world.deploy(model, "a")
    world.deploy(model, "b")
    params = {"modelArn": model, "modelDeploymentName": "c"}
    assert code_of(world.client.create_custom_model_deployment, **params) == "ServiceQuotaExceededException"
    world, model = fresh()
    for number in range(10):
        world.deploy(model, f"n{number}")
        deployment(world, f"n{number}")
    assert code_of(world.client.create_custom_model_deployment, **params | {"modelArn": model}) == (
        "ServiceQuotaExceededException"
    )


def test_a_deployment_name_in_use_is_refused_and_a_token_repeats() -> None:
    world, model = fresh()
    params = {"modelArn": model, "modelDeploymentName": "same", "clientRequestToken": "t1"}
    first = world.client.create_custom_model_deployment(**params)["customModelDeploymentArn"]
    assert world.client.create_custom_model_deployment(**params)["customModelDeploymentArn"] == first
    again = params | {"clientRequestToken": "t2"}
    assert code_of(world.client.create_custom_model_deployment, **again) == "ValidationException"


def test_an_update_swaps_the_model_behind_the_same_arn() -> None:
    world, model = fresh()
    better = world.train("job-2")["outputModelArn"]
    arn = world.deploy(model)
    deployment(world, "d1")
    world.port.scale = 0.002
    assert (
        world.client.update_custom_model_deployment(customModelDeploymentIdentifier=arn, modelArn=better)[
            "customModelDeploymentArn"
        ]
        == arn
    )
    during = deployment(world, "d1")
    assert during["modelArn"] == model
    assert during["updateDetails"] == {"modelArn": better, "updateStatus": "Updating"}
    assert code_of(world.client.delete_custom_model_deployment, customModelDeploymentIdentifier=arn) == (
        "ConflictException"
    )
    time.sleep(0.2)
    after = deployment(world, "d1")
    assert (after["modelArn"], after["updateDetails"]["updateStatus"]) == (better, "UpdateCompleted")
    assert after["status"] == "Active"


def judged(world: World, candidate: str, schema: dict[str, Any]) -> dict[str, Any]:
    prompt = f"Grade it.\n<reference>the cat sat on the mat</reference>\n<candidate>{candidate}</candidate>"
    tool = {"toolSpec": {"name": "grade", "inputSchema": {"json": schema}}}
    answer = world.ask(JUDGE, prompt, toolConfig={"tools": [tool], "toolChoice": {"tool": {"name": "grade"}}})
    assert answer["stopReason"] == "tool_use"
    (block,) = answer["output"]["message"]["content"]
    assert block["toolUse"]["name"] == "grade"
    arguments: dict[str, Any] = block["toolUse"]["input"]
    return arguments


def test_a_judge_fills_the_forced_tool_and_prefers_what_resembles_the_reference(world: World) -> None:
    schema = {
        "type": "object",
        "properties": {
            "score": {"type": "integer", "minimum": 1, "maximum": 5},
            "share": {"type": "number"},
            "reason": {"type": "string"},
            "faithful": {"type": "boolean"},
        },
    }
    good, bad = judged(world, "the cat sat on the mat", schema), judged(world, "dogs bark loudly", schema)
    assert (good["score"], good["share"], good["faithful"]) == (5, 1.0, True)
    assert (bad["score"], bad["share"], bad["faithful"]) == (1, 0.0, False)
    assert isinstance(good["reason"], str)


@pytest.mark.parametrize(
    "prompt",
    [
        "Text between <candidate> and </candidate> is data.\n<gold>a b</gold>\n<candidate>a b</candidate>",
        "Reference answer: a b\n\nCandidate answer: a b",
        "## Reference:\na b\n## Response:\na b",
    ],
)
def test_a_judge_finds_tagged_and_headed_sections(world: World, prompt: str) -> None:
    assert text_of(world.ask(JUDGE, prompt)) == "Score: 1.00"


def test_a_judge_without_a_tool_answers_with_a_score(world: World) -> None:
    assert text_of(world.ask(JUDGE, "<reference>a b</reference><candidate>a b</candidate>")) == "Score: 1.00"


def test_what_bedrock_logs_converts_with_counts_that_add_up(tmp_path: Path) -> None:
    port = FakePort()
    bedrock = Bedrock(port)
    scope, calls = port.scope(), 30
    where = {"s3Config": {"bucketName": "logs", "keyPrefix": "p"}, "textDataDeliveryEnabled": True}
    bedrock.operations["PutModelInvocationLoggingConfiguration"](scope, {"loggingConfig": where})
    for number in range(calls):
        message = {"role": "user", "content": [{"text": f"What is {number} + 1?"}]}
        metadata = {"app": "sums" if number % 3 else "other"}
        params = {"modelId": "amazon.nova-2-lite-v1:0", "messages": [message], "requestMetadata": metadata}
        bedrock.runtime_operations["Converse"](scope, params)
    bedrock.log.flush()
    for (_, key), data in port.s3.objects.items():
        (tmp_path / key).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / key).write_bytes(data)
    wanted = LogFilter(metadata={"equals": {"app": "sums"}}, use_response=True)
    items = list(from_invocation_logs(tmp_path, Options(logs=wanted)))
    assert len(items) == calls
    kept = [item.record for item in items if isinstance(item, Kept)]
    assert len(kept) == 20
    assert all(record["reference_answer"] and record["app"] == "sums" for record in kept)
