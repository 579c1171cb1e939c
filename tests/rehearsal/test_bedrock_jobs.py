"""A job of the simulated Bedrock: its role, dataset, reward function, files and events."""

import csv
import io
import json
import math
from typing import Any

import pytest

from rehearsal.bedrock import grader
from rehearsal.bedrock.records import parse_dataset
from tests.rehearsal.bedrock_world import (
    REWARD,
    ROLE,
    Event,
    FakeLambda,
    World,
    client_error,
    jsonl,
    math_reward,
    math_rows,
)


@pytest.fixture
def world() -> World:
    return World()


def rows_of(world: World, leaf: str) -> list[dict[str, str]]:
    (data,) = [data for (_, key), data in world.port.s3.objects.items() if key.endswith(leaf)]
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_the_job_assumes_its_role_with_its_own_arn_as_source(world: World) -> None:
    job = world.train(epochCount=1)
    assert world.port.assumed == [(ROLE, job["jobArn"])]


def test_metrics_files_land_under_the_job_id(world: World) -> None:
    job = world.train()
    folder = f"run/output/model-customization-job-{job['jobArn'].rsplit('/')[-1]}"
    keys = {key for _, key in world.port.s3.objects}
    assert "run/output/.write_access_check_file.tmp" in keys
    assert f"{folder}/training_artifacts/step_wise_training_metrics.csv" in keys
    assert f"{folder}/validation_artifacts/post_fine_tuning_validation/validation_metrics.csv" in keys
    steps = rows_of(world, "step_wise_training_metrics.csv")
    assert len(steps) == 6 * math.ceil(120 / 32)
    assert [row["step_number"] for row in steps[:2]] == ["1", "2"]
    for name in (
        "critic/rewards/mean",
        "actor/entropy",
        "actor/grad_norm",
        "actor/pg_clipfrac",
        "epoch_number",
    ):
        assert math.isfinite(float(steps[0][name]))
    scores = [float(row["val-score/rewards/mean@1"]) for row in rows_of(world, "validation_metrics.csv")]
    assert len(scores) == 6
    assert scores[-1] > scores[0]


def test_without_validation_data_there_is_no_validation_file(world: World) -> None:
    request = world.job_request(epochCount=1)
    del request["validationDataConfig"]
    job = world.wait(world.client.create_model_customization_job(**request)["jobArn"])
    assert job["status"] == "Completed"
    assert not [key for _, key in world.port.s3.objects if key.endswith("validation_metrics.csv")]


def test_the_reward_function_gets_the_documented_event(world: World) -> None:
    world.train(epochCount=1)
    batches = world.port.function.events
    assert max(map(len, batches)) == 64
    ids = [sample["id"] for batch in batches for sample in batch]
    assert len(ids) == len(set(ids)) == 120 * 8 + 30
    sample = batches[0][0]
    assert set(sample) == {"id", "messages", "metadata"}
    assert [message["role"] for message in sample["messages"]] == ["user", "assistant"]
    assert set(sample["metadata"]) == {"reference_answer", "rft"}


def test_the_number_of_rollouts_follows_the_hyperparameters(world: World) -> None:
    world.train(epochCount=2, trainingSamplePerPrompt=3, evalInterval=100)
    assert sum(map(len, world.port.function.events)) == 120 * 3 * 2 + 30


def test_a_prompt_longer_than_the_limit_is_dropped_silently(world: World) -> None:
    long_row = math_rows(1, 500)[0]
    long_row["messages"][0]["content"] += "x" * 4000
    world.put("train", [*math_rows(120), long_row])
    job = world.train(epochCount=1, trainingSamplePerPrompt=2, maxPromptLength=200)
    assert job["status"] == "Completed"
    assert sum(map(len, world.port.function.events)) == 120 * 2 + 30


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (jsonl(math_rows(99)), "99 records"),
        (jsonl(math_rows(110)) + b"\n\n", "line 111 is not valid JSON"),
        (jsonl(math_rows(110)) + b'\n{"messages": []}', "line 111 has no messages"),
        (
            jsonl(math_rows(110)) + b'\n{"messages": [{"role": "tool", "content": "x"}]}',
            "line 111 has a message",
        ),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_bad_dataset_fails_the_job_late_and_by_line(world: World, data: bytes, words: str) -> None:
    world.port.s3.objects["artifacts", "run/train.jsonl"] = data
    job = world.train()
    assert job["status"] == "Failed"
    assert words in job["failureMessage"]
    assert "apples" not in job["failureMessage"]
    assert not world.port.function.events


def test_a_role_that_trusts_nobody_fails_the_job(world: World) -> None:
    world.port.trust_error = PermissionError("the trust policy does not allow bedrock.amazonaws.com")
    job = world.train()
    assert job["status"] == "Failed"
    assert "AccessDenied" in job["failureMessage"]
    assert job["statusDetails"]["validationDetails"]["status"] == "Failed"


@pytest.mark.parametrize("operation", ["GetObject", "PutObject"])
def test_a_missing_permission_fails_the_job_with_the_text_of_the_refusal(
    world: World, operation: str
) -> None:
    world.port.s3.denied.add(operation)
    job = world.train()
    assert job["status"] == "Failed"
    assert "AccessDenied" in job["failureMessage"]
    assert f"s3:{operation}" in job["failureMessage"]


def test_a_refused_invocation_fails_the_job_at_once(world: World) -> None:
    world.port.function.errors = [client_error("AccessDeniedException", "lambda:InvokeFunction")] * 10
    job = world.train()
    assert job["status"] == "Failed"
    assert REWARD in job["failureMessage"]
    assert "AccessDeniedException" in job["failureMessage"]


def test_three_throttled_invocations_are_survived(world: World) -> None:
    world.port.function.errors = [client_error("TooManyRequestsException", "Invoke")] * 3
    assert world.train(epochCount=1)["status"] == "Completed"


def _broken(event: Event) -> Any:
    raise RuntimeError("the grader has no schema")


def _nan(event: Event) -> Any:
    return [{"id": s["id"], "aggregate_reward_score": math.nan} for s in event]


def _wrong_ids(event: Event) -> Any:
    return [{"id": "0", "aggregate_reward_score": 1.0} for _ in event]


def _short(event: Event) -> Any:
    return math_reward(event)[1:]


@pytest.mark.parametrize(
    ("reward", "words"),
    [
        (_broken, "the grader has no schema"),
        (_nan, "not a finite number"),
        (_wrong_ids, "ids are missing"),
        (_short, "ids are missing"),
        (lambda event: {"score": 1}, "not a list"),
        (lambda event: [{"aggregate_reward_score": 1.0}], "no string id"),
    ],
)
def test_a_reward_function_that_breaks_the_contract_fails_the_job_after_retries(
    world: World, reward: Any, words: str
) -> None:
    world.port.function = FakeLambda(reward)
    job = world.train()
    assert job["status"] == "Failed"
    assert words in job["failureMessage"]
    assert f"after {grader.ATTEMPTS - 1} retries" in job["failureMessage"]


def test_each_change_of_status_is_an_event_with_job_status(world: World) -> None:
    job = world.train(epochCount=1)
    assert {name for name, _ in world.port.events} == {"Model Customization Job State Change"}
    assert [detail["jobStatus"] for _, detail in world.port.events] == ["InProgress", "Completed"]
    last = world.port.events[-1][1]
    assert (last["jobArn"], last["outputModelArn"]) == (job["jobArn"], job["outputModelArn"])
    assert "status" not in last


def test_a_stopped_job_leaves_no_model() -> None:
    world = World({"slow_job": {"seconds_per_step": 600}})
    world.port.scale = 0.001
    arn = world.client.create_model_customization_job(**world.job_request())["jobArn"]
    world.client.stop_model_customization_job(jobIdentifier=arn)
    assert world.client.get_model_customization_job(jobIdentifier=arn)["status"] in ("Stopping", "Stopped")
    job = world.wait(arn)
    assert job["status"] == "Stopped"
    assert "outputModelArn" not in job
    assert [detail["jobStatus"] for _, detail in world.port.events] == ["InProgress", "Stopping", "Stopped"]


def test_two_trainings_on_the_same_inputs_are_the_same() -> None:
    curves = []
    for _ in range(2):
        world = World()
        world.train()
        curves.append(
            [row["critic/rewards/mean"] for row in rows_of(world, "step_wise_training_metrics.csv")]
        )
    assert curves[0] == curves[1]


def test_a_record_may_hold_a_unicode_line_separator():
    row = {"messages": [{"role": "user", "content": "one\u2028two"}], "reference_answer": "#### 2"}
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for _ in range(2))
    assert len(parse_dataset(lines.encode(), "Training")) == 2


def test_a_job_trains_on_the_logs_that_pass_its_filter_and_tells_the_reward_no_reference() -> None:
    world = World()
    rows = math_rows(150)
    where = {"s3Config": {"bucketName": "logs", "keyPrefix": "production"}, "textDataDeliveryEnabled": True}
    world.client.put_model_invocation_logging_configuration(loggingConfig=where)
    for number, row in enumerate(rows):
        metadata = {"purpose": "held-out" if number % 10 == 0 else "traffic"}
        world.ask("amazon.nova-2-lite-v1:0", row["messages"][-1]["content"], requestMetadata=metadata)
    world.bedrock.log.flush()
    request = world.job_request("from-logs", epochCount=1)
    request["trainingDataConfig"] = {
        "invocationLogsConfig": {
            "invocationLogSource": {"s3Uri": "s3://logs/production/"},
            "requestMetadataFilters": {"notEquals": {"purpose": "held-out"}},
        }
    }
    del request["validationDataConfig"]
    world.port.function.reward = lambda event: [
        {"id": item["id"], "aggregate_reward_score": 0.5} for item in event
    ]
    arn = world.client.create_model_customization_job(**request)["jobArn"]
    assert world.wait(arn)["status"] == "Completed"
    samples = [item for event in world.port.function.events for item in event]
    assert {item["metadata"]["purpose"] for item in samples} == {"traffic"}
    assert len({json.dumps(item["messages"][:-1]) for item in samples}) == 135
    assert not any("reference_answer" in item["metadata"] for item in samples)
