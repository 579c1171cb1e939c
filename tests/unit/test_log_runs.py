"""Runs that train on Bedrock's own logs: what Bedrock is told, what the role may read, what the run id covers."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rft import aws, errors, objects
from rft.datasets.converters import invocation_logs
from rft.datasets.log_dataset import dataset_of_logs
from rft.engines.base import JobRequest
from rft.engines.nova import create_job_request
from rft.log_source import InvocationLogs, trains_on_logs
from rft.runs.run_id import fingerprint
from rft.settings import Dataset
from tests.unit.run_world import World

URI = "s3://company-logs/bedrock/"
HELD_OUT = {"purpose": "held-out"}


def source(**changes: Any) -> InvocationLogs:
    return InvocationLogs(**{"s3_uri": URI, "held_out": HELD_OUT, **changes})


def call(number: int) -> dict[str, Any]:
    body = {"messages": [{"role": "user", "content": [{"text": f"Question {number}, please?"}]}]}
    return {
        "schemaType": "ModelInvocationLog", "timestamp": "2026-11-20T12:00:00Z", "operation": "Converse",
        "modelId": "m", "input": {"inputBodyJson": body}, "output": {},
        "requestMetadata": {"purpose": "held-out" if number % 5 == 0 else "traffic"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, {"notEquals": HELD_OUT}),
        ({"equals": {"app": "shop"}}, {"andAll": [{"equals": {"app": "shop"}}, {"notEquals": HELD_OUT}]}),
        (
            {"andAll": [{"equals": {"app": "shop"}}, {"notEquals": {"tier": "test"}}]},
            {
                "andAll": [
                    {"equals": {"app": "shop"}},
                    {"notEquals": {"tier": "test"}},
                    {"notEquals": HELD_OUT},
                ]
            },
        ),
    ],
)
def test_what_is_held_out_is_never_trained_on(filters: Any, expected: Any) -> None:
    logs = source(filters=filters)
    assert logs.training_filter == expected
    assert logs.test_filter == {"equals": HELD_OUT}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"filters": {"orAll": [{"equals": {"a": "b"}}]}}, "no AND with OR"),
        ({"filters": {"equals": {"a": "b", "c": "d"}}}, "exactly one pair"),
        ({"filters": {"andAll": [{"equals": {"a": "b"}}] * 16}}, "at most 15"),
        ({"held_out": {}}, "exactly one pair"),
        ({"s3_uri": "s3://bucket"}, "pattern"),
        ({"schedule": "weekly"}, "pattern"),
        ({"other": 1}, "Extra inputs"),
    ],
)
def test_a_source_that_bedrock_would_refuse_is_refused(changes: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        source(**changes)


def test_logs_need_a_reward_without_references() -> None:
    with pytest.raises(ValidationError, match="reference_required: false"):
        Dataset(invocation_logs=source())
    assert Dataset(invocation_logs=source(), reference_required=False).invocation_logs is not None


def test_bedrock_s_own_model_takes_the_request() -> None:
    import botocore.session
    from botocore.validate import ParamValidator

    request = JobRequest(
        name="job", token="t", base_model_arn="arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-2-lite-v1:0",
        role_arn="arn:aws:iam::111122223333:role/job", train_uri="s3://b/train.jsonl", validation_uri=None,
        output_uri="s3://b/out/", reward_function_arn="arn:aws:lambda:us-east-1:111122223333:function:f:1",
        hyperparameters={}, kms_key_arn="arn:aws:kms:us-east-1:111122223333:key/k", tags={},
        logs=source(filters={"equals": {"app": "shop"}}).training_data(),
    )  # fmt: skip
    members = create_job_request(request)
    assert members["trainingDataConfig"] == {
        "invocationLogsConfig": {
            "invocationLogSource": {"s3Uri": URI},
            "requestMetadataFilters": {"andAll": [{"equals": {"app": "shop"}}, {"notEquals": HELD_OUT}]},
            "usePromptResponse": False,
        }
    }
    model = botocore.session.get_session().get_service_model("bedrock")
    shape = model.operation_model("CreateModelCustomizationJob").input_shape
    assert not ParamValidator().validate(members, shape).has_errors()


def test_only_a_dataset_made_of_logs_trains_on_them() -> None:
    assert trains_on_logs("shop/logs-20261121T060000Z/train.jsonl")
    assert not trains_on_logs("shop/first/train.jsonl")


def test_the_run_id_covers_what_bedrock_is_told_of_logs() -> None:
    def of(logs: Any) -> str:
        return fingerprint(
            dataset_sha256={"train": "a"}, reward_code_sha256="r", base_model="m", engine="nova",
            hyperparameters={}, held_out={}, logs=logs,
        )  # fmt: skip

    found = [
        of(None),
        of(source().training_data()),
        of(source(filters={"equals": {"a": "b"}}).training_data()),
    ]
    assert len(set(found)) == 3
    assert json.dumps(found)


def test_a_dataset_of_logs_leaves_out_what_is_held_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = "".join(json.dumps(call(number)) + "\n" for number in range(50)).encode()
    monkeypatch.setattr(invocation_logs, "log_files", lambda uri: iter([(f"{uri}a.json", data)]))
    name = dataset_of_logs(source(), tmp_path)
    assert trains_on_logs(f"shop/{name}/train.jsonl")
    counts = {path.name: len(path.read_bytes().splitlines()) for path in tmp_path.iterdir()}
    assert (counts["train.jsonl"], counts["test.jsonl"]) == (40, 10)
    assert "validation.jsonl" not in counts
    with pytest.raises(match="leave no test records"):
        dataset_of_logs(source(held_out={"purpose": "unknown"}), tmp_path)


def test_on_a_schedule_what_was_logged_becomes_an_upload_that_starts_a_run(world: World) -> None:
    put = aws.client("s3").put_object
    aws.client("s3").create_bucket(Bucket="company-logs")
    data = "".join(json.dumps(call(number)) + "\n" for number in range(50)).encode()
    put(Bucket="company-logs", Key="bedrock/AWSLogs/1/a.json.gz", Body=gzip.compress(data))
    put(
        Bucket="company-logs", Key="others/b.json.gz", Body=gzip.compress(data.replace(b"Question", b"Other"))
    )
    with pytest.raises(errors.SettingsError, match="redeploy"):
        world.call("collect_logs")
    dataset = Dataset(reference_required=False, invocation_logs=source(schedule="rate(7 days)"))
    changed = world.settings.use_case.model_copy(update={"dataset": dataset})
    world.settings = world.settings.model_copy(update={"use_case": changed})
    world.save_settings()
    uploaded = world.call("collect_logs")
    assert trains_on_logs(uploaded["key"])
    counts = {
        split: len(
            objects.read_bytes(uploaded["bucket"], uploaded["key"].replace("train", split)).splitlines()
        )
        for split in ("train", "test")
    }
    assert counts == {"train": 40, "test": 10}
    record = world.store.get(world.register(**uploaded))
    assert set(record.dataset) == {"train", "test"}
    assert record.uploader == aws.caller_arn()
