"""Run ids, records, manifests, messages, failures: what is written of a run, without AWS."""

import math
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rft import aws
from rft.errors import SettingsError
from rft.runs import manifest, notify
from rft.runs.config import FunctionConfig
from rft.runs.failure import parse_failure
from rft.runs.items import from_item, to_item
from rft.runs.record import Failure, GateVerdict, RewardVersion, RunRecord, Status
from rft.runs.run_id import canonical_json, fingerprint, run_id
from tests.unit.run_world import SETTINGS

PARTS: dict[str, Any] = {
    "dataset_sha256": {"train": "a" * 64},
    "reward_code_sha256": "b" * 64,
    "base_model": "amazon.nova-2-lite-v1:0:256k",
    "engine": "nova",
    "hyperparameters": {"epochCount": 2, "learningRate": 1e-4},
    "held_out": {"validation": 0.1},
}


def record(**changes: Any) -> RunRecord:
    members: dict[str, Any] = {
        "run_id": "0123456789abcdef",
        "fingerprint": "0123456789abcdef" * 4,
        "use_case": "sums",
        "environment": "prod",
        "execution_arn": "arn:execution",
        "dataset": {},
        "settings": SETTINGS,
        "reward": RewardVersion(function_arn="arn:reward:1", code_sha256="c" * 64),
        "created_at": "2026-11-20T00:00:00.000Z",
        "updated_at": "2026-11-20T00:00:00.000Z",
        **changes,
    }
    return RunRecord.model_validate(members)


def test_equal_content_in_another_order_is_the_same_run() -> None:
    turned = {**PARTS, "hyperparameters": {"learningRate": 0.0001, "epochCount": 2}}
    assert fingerprint(**PARTS) == fingerprint(**turned)
    assert run_id(fingerprint(**PARTS)) == fingerprint(**PARTS)[:16]


@pytest.mark.parametrize(
    "change",
    [
        {"dataset_sha256": {"train": "a" * 64, "test": "a" * 64}},
        {"dataset_sha256": {"test": "a" * 64}},
        {"reward_code_sha256": "c" * 64},
        {"base_model": "qwen.qwen3-32b"},
        {"engine": "mantle"},
        {"hyperparameters": {"epochCount": 2}},
        {"held_out": {"validation": 0.2}},
    ],
)
def test_any_difference_is_another_run(change: dict[str, Any]) -> None:
    assert fingerprint(**{**PARTS, **change}) != fingerprint(**PARTS)


def test_canonical_json_refuses_what_is_no_json() -> None:
    assert canonical_json({"b": 1, "a": "ä"}) == '{"a":"ä","b":1}'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": math.nan})


def test_items_keep_every_json_value() -> None:
    document = {
        "s": "ä",
        "i": -3,
        "f": 1e-07,
        "g": 0.1,
        "b": True,
        "n": None,
        "l": [1, {"x": []}],
        "m": {"": "e"},
    }
    assert from_item(to_item(document)) == document
    assert to_item({"b": True})["b"] == {"BOOL": True}
    with pytest.raises(TypeError, match="bytes"):
        to_item({"x": b"no"})


def test_a_record_survives_the_table_and_newer_keys() -> None:
    stored = from_item(to_item(record(gate=verdict()).document())) | {"of_a_newer_version": 1}
    assert RunRecord.model_validate(stored) == record(gate=verdict())


def verdict() -> GateVerdict:
    return GateVerdict(
        decision="hold",
        reasons=["too small"],
        difference=0.0,
        lower=-0.1,
        upper=0.1,
        confidence=0.95,
        prompts=50,
    )


def test_a_manifest_shows_when_it_was_changed() -> None:
    made = manifest.build(record(status=Status.HELD, gate=verdict()))
    assert manifest.is_intact(made)
    assert made["gate"]["decision"] == "hold"
    assert made["reward"]["code_sha256"] == "c" * 64
    assert not manifest.is_intact({**made, "base_model": "another"})
    assert manifest.to_bytes(made) == manifest.to_bytes(
        manifest.build(record(status=Status.HELD, gate=verdict()))
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {
                "state": "ValidateDataset",
                "error": "DatasetRejected",
                "cause": '{"errorMessage": "99 records;\\nadd one", "errorType": "DatasetRejected"}',
            },
            Failure(state="ValidateDataset", error="DatasetRejected", cause="99 records; add one"),
        ),
        (
            {
                "state": "Gate",
                "error": "States.TaskFailed",
                "cause": '{"errorType": "KeyError", "errorMessage": "x"}',
            },
            Failure(state="Gate", error="KeyError", cause="x"),
        ),
        (
            {"error": "States.Timeout"},
            Failure(state="Unknown", error="States.Timeout", cause="no cause was given"),
        ),
        ({"state": "A", "error": "E", "cause": "plain"}, Failure(state="A", error="E", cause="plain")),
    ],
)
def test_a_failure_becomes_one_clean_line(given: dict[str, Any], expected: Failure) -> None:
    assert parse_failure(given) == expected


def test_a_child_executions_failure_keeps_its_own_error() -> None:
    child = (
        '{"Error": "AccessDenied", "Cause": "{\\"errorMessage\\": \\"no bedrock:InvokeModel\\", '
        '\\"errorType\\": \\"AccessDenied\\"}", "Status": "FAILED"}'
    )
    found = parse_failure({"state": "ProbeBaseModel", "error": "States.TaskFailed", "cause": child})
    assert (found.error, found.cause) == ("AccessDenied", "no bedrock:InvokeModel")


def test_a_long_cause_is_cut() -> None:
    assert len(parse_failure({"state": "A", "error": "E", "cause": "x" * 5000}).cause) == 1000


def test_a_notification_names_run_cause_and_next_command() -> None:
    failure = Failure(state="LaunchTraining", error="AccessDenied", cause="iam:PassRole is missing")
    message = notify.run_over(record(status=Status.FAILED, failure=failure))
    assert message.subject == "[rft prod] sums 0123456789abcdef failed: AccessDenied"
    assert "iam:PassRole is missing" in message.body
    assert "rft runs show 0123456789abcdef --use-case sums --env prod" in message.body


def test_a_subject_is_short_ascii_and_one_line() -> None:
    failure = Failure(state="A", error="Ä\n" * 200, cause="")
    subject = notify.run_over(record(status=Status.FAILED, failure=failure)).subject
    assert len(subject) < 100
    assert subject.isascii()
    assert "\n" not in subject


def test_missing_variables_are_named_all_at_once() -> None:
    with pytest.raises(SettingsError, match=r"RFT_RUNS_TABLE, .*RFT_USE_CASE are not set"):
        FunctionConfig.read({"RFT_ENVIRONMENT": "dev"})


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("AccessDenied", aws.AccessDenied),
        ("AccessDeniedException", aws.AccessDenied),
        ("SlowDown", aws.ThrottlingException),
        ("InternalError", aws.ServiceUnavailableException),
        ("ValidationException", ClientError),
    ],
)
def test_aws_errors_get_names_that_the_workflow_can_match(code: str, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught, aws.named_errors():
        raise ClientError({"Error": {"Code": code, "Message": "why"}}, "Operation")
    assert type(caught.value) is expected
    assert "why" in str(caught.value)
