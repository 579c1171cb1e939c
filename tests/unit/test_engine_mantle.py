"""The mantle engine against the simulated endpoint, through the real `openai` client and the real key generator."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rft import aws, catalogue, objects
from rft.engines import engine_for, mantle, mantle_client
from rft.engines.base import JobRequest
from rft.engines.mantle_chat import completion_request
from rft.errors import SettingsError
from rft.evaluation.prompts import converse_prompt
from tests.rehearsal.mantle_world import BASE, REWARD, MantleWorld

NAME = "rft-local-gsm8k-open-0123456789abcdef"
PROMPT = converse_prompt(
    [{"role": "user", "content": "Ann has 7 apples and buys 2. How many? ......."}], None
)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[MantleWorld]:
    made = MantleWorld()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_SESSION_TOKEN": "session",
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        mantle_client.ENDPOINT_VARIABLE: made.endpoint,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(objects, "chunks", lambda bucket, key: iter([made.train[:100], made.train[100:]]))
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.01)
    monkeypatch.setattr("openai._base_client.MAX_RETRY_DELAY", 0.02)
    mantle_client.client.cache_clear()
    yield made
    mantle_client.client.cache_clear()
    made.close()


def request(**changes: Any) -> JobRequest:
    members: dict[str, Any] = {
        "name": NAME,
        "token": "0123456789abcdef",
        "base_model_arn": f"arn:aws:bedrock:us-west-2::foundation-model/{BASE}",
        "role_arn": "",
        "train_uri": "s3://artifacts/run/train.jsonl",
        "validation_uri": "s3://artifacts/run/validation.jsonl",
        "output_uri": "s3://artifacts/run/output/",
        "reward_function_arn": REWARD,
        "hyperparameters": {
            "epochCount": 6,
            "batchSize": 32,
            "learningRateMultiplier": 0.9,
            "inferenceMaxTokens": 1024,
        },
        "kms_key_arn": "",
        "tags": {"rft:environment": "local", "rft:use-case": "gsm8k-open", "rft:run": "0123456789abcdef"},
    }
    return JobRequest(**{**members, **changes})


ENGINE = mantle.MantleEngine()


def test_the_catalogue_leads_to_the_engine() -> None:
    assert isinstance(engine_for(catalogue.base_model(BASE)), mantle.MantleEngine)


def test_a_job_is_launched_with_what_aws_documents(world: MantleWorld) -> None:
    job = world.mantle.store.jobs[ENGINE.launch(request())]
    assert job.request["model"] == BASE
    assert job.request["metadata"]["rft-job"] == NAME
    assert job.request["metadata"]["rft-run"] == "0123456789abcdef"
    assert job.request["method"]["reinforcement"] == {
        "grader": {"type": "lambda", "lambda": {"function": REWARD}},
        "hyperparameters": {"n_epochs": 6, "batch_size": 32, "learning_rate_multiplier": 0.9},
    }
    (file,) = world.mantle.store.files.values()
    assert (file.name, file.purpose, file.data) == (f"{NAME}.jsonl", "fine-tune", world.train)


def test_launching_again_finds_the_job_and_uploads_nothing(world: MantleWorld) -> None:
    first = ENGINE.launch(request())
    assert ENGINE.launch(request()) == first
    assert ENGINE.launch(request(name=f"{NAME}-2")) != first
    assert len(world.mantle.store.files) == 2


def test_a_file_uploaded_before_a_crash_is_used(world: MantleWorld) -> None:
    world.port.denied = {"bedrock-mantle:CreateFineTuningJob"}
    with pytest.raises(ClientError):
        ENGINE.launch(request())
    world.port.denied = set()
    ENGINE.launch(request())
    assert len(world.mantle.store.files) == 1


def test_a_job_is_found_where_its_metadata_was_not_kept(world: MantleWorld) -> None:
    launched = ENGINE.launch(request())
    world.mantle.store.jobs[launched].request["metadata"] = None
    found = ENGINE.find_job(NAME)
    assert found is not None
    assert found.arn == launched
    assert ENGINE.find_job(f"{NAME}-2") is None


def test_a_creation_whose_answer_was_lost_is_not_repeated_blindly(world: MantleWorld) -> None:
    original = world.mantle.handle

    def lost(sent: Any, *rest: Any) -> Any:
        answer = original(sent, *rest)
        lost_one = sent.method == "POST" and sent.path == "/fine_tuning/jobs"
        return (503, {}, b"{}") if lost_one else answer

    world.mantle.handle = lost  # type: ignore[method-assign]
    with pytest.raises(ClientError) as caught:
        ENGINE.launch(request())
    assert aws.code_of(caught.value) == "ServiceUnavailable"
    assert world.sent("POST", "/fine_tuning/jobs") == 1
    world.mantle.handle = original  # type: ignore[method-assign]
    assert ENGINE.launch(request()) in world.mantle.store.jobs
    assert len(world.mantle.store.jobs) == 1


def test_a_trained_job_tells_its_curve_and_its_checkpoints(world: MantleWorld) -> None:
    job = ENGINE.launch(request())
    assert ENGINE.describe(job).status == "InProgress"
    world.wait(job)
    state = ENGINE.describe(job)
    assert (state.status, state.is_over, state.failure_message) == ("Completed", True, None)
    assert state.ended_at is not None
    assert state.model_arn is not None
    points = ENGINE.metrics(job)
    assert [point.step for point in points] == list(range(1, 25))
    assert {point.total_steps for point in points} == {24}
    assert (points[-1].train_reward or 0) > (points[0].train_reward or 1) + 0.1
    assert all(point.policy_entropy and point.episode_length for point in points)
    checkpoints = ENGINE.checkpoints(job)
    assert [checkpoint.step for checkpoint in checkpoints] == [4, 8, 12, 16, 20]
    answers = [ENGINE.ask(one.model_id, PROMPT, 0.0, 512) for one in (*checkpoints, checkpoints[0])]
    assert all(answer.text and answer.output_tokens and answer.input_tokens for answer in answers)
    assert answers[0] == answers[-1]


def test_events_are_paged_and_can_go_on_behind_the_last_one_seen(
    world: MantleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ENGINE.launch(request())
    world.wait(job)
    whole = [event.id for event in ENGINE.events(job)]
    monkeypatch.setattr(mantle, "PAGE", 7)
    before = len(world.requests)
    assert [event.id for event in ENGINE.events(job)] == whole
    assert len(world.requests) - before == -(-len(whole) // 7)
    assert [event.id for event in ENGINE.events(job, after=whole[4])] == whole[5:]


def test_a_job_is_cancelled_once_and_keeps_its_checkpoints(world: MantleWorld) -> None:
    world.mantle._faults.set({"slow_job": {"seconds_per_step": 0.05}})
    world.port.scale = 1.0
    job = ENGINE.launch(request())
    while not world.mantle.store.jobs[job].checkpoints:
        world.mantle.store.jobs[job].stop_requested.wait(0.01)
    assert ENGINE.stop(job)
    world.wait(job)
    assert ENGINE.describe(job).status == "Stopped"
    assert not ENGINE.stop(job)
    assert ENGINE.ask(ENGINE.checkpoints(job)[0].model_id, PROMPT, 0.0, None).text


def test_a_failed_job_says_why(world: MantleWorld) -> None:
    world.mantle._faults.set({"fail_job": {"step": 2}})
    job = ENGINE.launch(request())
    world.wait(job)
    state = ENGINE.describe(job)
    assert (state.status, state.model_arn) == ("Failed", None)
    assert "step 2" in str(state.failure_message)


@pytest.mark.parametrize(
    ("status", "code"),
    [(403, "AccessDeniedException"), (404, "ResourceNotFoundException"), (400, "ValidationException")],
)
def test_errors_have_the_names_that_the_workflow_knows(world: MantleWorld, status: int, code: str) -> None:
    world.fails = [status]
    with pytest.raises(ClientError) as caught:
        ENGINE.describe("ftjob-1")
    assert aws.code_of(caught.value) == code


def test_throttling_is_tried_again_and_named_when_it_lasts(world: MantleWorld) -> None:
    world.fails = [429, 503]
    assert ENGINE.ask(BASE, PROMPT, 0.0, 64).text
    world.fails = [429] * aws.MAX_ATTEMPTS
    with pytest.raises(aws.ThrottlingException), aws.named_errors():
        ENGINE.ask(BASE, PROMPT, 0.0, 64)
    assert world.fails == []


def test_the_key_is_short_lived_and_of_the_processs_own_credentials(world: MantleWorld) -> None:
    ENGINE.ask(BASE, PROMPT, 0.0, 64)
    key = world.requests[-1].headers["authorization"].removeprefix("Bearer bedrock-api-key-")
    url = base64.b64decode(key).decode()
    assert "X-Amz-Expires=3600" in url
    assert "X-Amz-Credential=ASIAEXAMPLE%2F" in url
    assert "us-west-2%2Fbedrock" in url


def test_an_answer_that_is_cut_off_says_so(world: MantleWorld) -> None:
    assert ENGINE.ask(BASE, PROMPT, 0.0, 1).stop_reason == "max_tokens"
    assert ENGINE.ask(BASE, PROMPT, 0.0, 512).stop_reason == "end_turn"


def test_models_need_no_deployment(world: MantleWorld) -> None:
    assert not ENGINE.capabilities.needs_deployment
    assert ENGINE.deploy("rft-local-gsm8k-open", "ft:model", "token", {}) == "ft:model"
    found = ENGINE.find_deployment("ft:model")
    assert found is not None
    assert (found.arn, found.status, found.serves) == ("ft:model", "Active", "ft:model")
    assert ENGINE.find_deployment("rft-local-gsm8k-open") is None
    ENGINE.move_deployment("ft:model", "ft:other")
    assert not ENGINE.remove_deployment("ft:model")
    assert world.requests == []


def test_logs_are_refused_with_the_way_round(world: MantleWorld) -> None:
    with pytest.raises(SettingsError, match="rft convert --from"):
        ENGINE.launch(request(logs={"invocationLogSource": {}}))
    assert world.requests == []


def test_a_conversation_with_tools_becomes_a_completion_request() -> None:
    parameters = {"type": "object", "properties": {}}
    tools = [
        {"type": "function", "function": {"name": "add", "parameters": parameters, "description": "Adds."}}
    ]
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "1+1?"},
        {
            "role": "assistant",
            "tool_calls": [{"id": "c1", "function": {"name": "add", "arguments": '{"a": 1}'}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "2"},
        {"role": "user", "content": "Sure?"},
    ]
    function = {"name": "add", "arguments": '{"a": 1}'}
    assert completion_request(converse_prompt(messages, tools)) == {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "1+1?"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c1", "type": "function", "function": function}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "2"},
            {"role": "user", "content": "Sure?"},
        ],
        "tools": tools,
    }
