"""Bad input ends in a clear message at the right place, and never in a training job."""

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal import leftovers
from rehearsal.datasets import tag_first_record
from rehearsal.stage import Stage
from rft import objects
from rft.runs.record import Status
from tests.rehearsal.rehearse_support import (
    USE_CASES,
    Inbox,
    Lines,
    changed_sample,
    edit,
    job_names,
    replaced,
    run,
)

pytestmark = [pytest.mark.rehearsal, pytest.mark.usefixtures("attached_stage")]


def _swap_roles(record: dict[str, Any]) -> None:
    record["messages"] = [{"role": "assistant", "content": "first"}, *record["messages"]]


BROKEN_FILES: dict[str, tuple[Callable[[Lines], Lines], tuple[str, ...]]] = {
    "a broken line": (
        lambda lines: replaced(lines, 7, lines[6][:40] + b"\n"),
        ("train.jsonl:7", "not valid JSON"),
    ),
    "a wrong role order": (
        lambda lines: replaced(lines, 3, edit(lines[2], _swap_roles)),
        ("train.jsonl:3", "$.messages"),
    ),
    "a missing reference": (
        lambda lines: replaced(lines, 5, edit(lines[4], lambda record: record.pop("reference_answer"))),
        ("train.jsonl:5", "reference_answer"),
    ),
    "99 records": (lambda lines: lines[:99], ("train.jsonl", "99 training records", "at least 100")),
    "a byte order mark": (
        lambda lines: [b"\xef\xbb\xbf" + lines[0], *lines[1:]],
        ("train.jsonl:1", "byte order mark"),
    ),
    "CRLF": (lambda lines: [line[:-1] + b"\r\n" for line in lines], ("train.jsonl:1", "CRLF")),
    "invalid UTF-8": (
        lambda lines: replaced(lines, 4, lines[3][:30] + b"\xff" + lines[3][30:]),
        ("train.jsonl:4", "UTF-8"),
    ),
    "a 20 MB line": (
        lambda lines: replaced(lines, 2, b'{"messages": "' + b"x" * 20 * 1024 * 1024 + b'"}\n'),
        ("train.jsonl:2", "too long", "10 MB"),
    ),
}


@pytest.mark.parametrize("mistake", BROKEN_FILES)
def test_a_broken_dataset_names_file_and_line_and_trains_nothing(
    stage: Stage, tmp_path: Path, inbox: Inbox, mistake: str
) -> None:
    change, words = BROKEN_FILES[mistake]
    jobs = job_names(stage)
    ended = run(stage, changed_sample(tmp_path, change), dataset="bad")
    assert ended.record is not None
    assert ended.record.status == Status.FAILED
    failure = ended.record.failure
    assert failure is not None
    assert (failure.state, failure.error) == ("ValidateDataset", "DatasetRejected")
    for word in words:
        assert word in failure.cause
    assert ended.record.validation is not None
    page = ended.record.validation.page
    bucket, _, key = page.removeprefix("s3://").partition("/")
    report = stage.local.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    assert "REJECTED" in report
    assert words[0] in report
    told = inbox.read()
    assert ended.record.run_id in told
    assert page in told
    assert "DatasetRejected" in told
    assert job_names(stage) == jobs
    assert ended.record.job is None
    assert leftovers.find(stage.local, stage.names, USE_CASES) == []


def test_an_empty_file_is_refused_in_the_record_and_the_notification(
    stage: Stage, tmp_path: Path, inbox: Inbox
) -> None:
    jobs = job_names(stage)
    ended = run(stage, changed_sample(tmp_path, lambda lines: []), dataset="empty")
    assert ended.record is not None
    assert ended.record.failure is not None
    assert (ended.record.status, ended.record.failure.error) == (Status.FAILED, "DatasetRejected")
    assert "train.jsonl: the file is empty" in ended.record.failure.cause
    assert "the file is empty" in inbox.read()
    assert job_names(stage) == jobs


def test_an_upload_that_no_pipeline_reads_is_told_and_starts_nothing(stage: Stage, inbox: Inbox) -> None:
    before = _executions(stage)
    objects.put_bytes(stage.names.datasets_bucket, "gsm9k/spring/train.jsonl", b"{}\n")
    deadline = time.monotonic() + 10
    told = ""
    while "gsm9k" not in told and time.monotonic() < deadline:
        told += inbox.read()
        time.sleep(0.1)
    assert "no pipeline reads" in told
    assert "gsm9k/spring/train.jsonl" in told
    assert _executions(stage) == before


def _executions(stage: Stage) -> set[str]:
    client = stage.local.client("stepfunctions")
    return {
        execution["executionArn"]
        for machine in client.list_state_machines()["stateMachines"]
        for execution in client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]
    }


RAISES = "def handler(event, context):\n    raise RuntimeError('no such column')\n"
ANSWERS = (
    "def handler(event, context):\n    return [{'id': %s, 'aggregate_reward_score': %s} for s in event]\n"
)
SLEEPS = "import time\ndef handler(event, context):\n    time.sleep(30)\n"
BROKEN_REWARDS = {
    "raises": (RAISES, ("raised RuntimeError", "no such column")),
    "returns NaN": (ANSWERS % ("s['id']", "float('nan')"), ("not a finite number",)),
    "returns the wrong ids": (ANSWERS % ("'me'", "1.0"), ("ids",)),
    "sleeps past its timeout": (SLEEPS, ("does not answer", "timed out")),
}


@pytest.fixture
def reward_of(stage: Stage) -> Iterator[Callable[[str], None]]:
    """Puts a function in the reward's place, as a new version that the next runs use."""
    client = stage.local.client("lambda")
    iam = stage.local.client("iam")
    register = "rft-local-gsm8k-register-run"
    before = client.get_function_configuration(FunctionName=register)["Environment"]["Variables"]
    role = client.get_function_configuration(FunctionName="rft-local-gsm8k-audit-reward")["Role"].split("/")[
        -1
    ]

    def put(source: str) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("handler.py", source)
        name = "rft-local-gsm8k-broken-reward"
        version = client.create_function(
            FunctionName=name,
            Runtime="python3.14",
            Role=client.get_function_configuration(FunctionName="rft-local-gsm8k-reward")["Role"],
            Handler="handler.handler",
            Code={"ZipFile": packed.getvalue()},
            Timeout=2,
            Publish=True,
        )["FunctionArn"]
        allowed = {
            "Effect": "Allow",
            "Action": "lambda:InvokeFunction",
            "Resource": [version, f"{version}:*"],
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
        iam.put_role_policy(RoleName=role, PolicyName="broken", PolicyDocument=policy)
        variables = {
            **before,
            "RFT_REWARD_FUNCTION_ARN": version,
            "RFT_REWARD_CODE_SHA256": str(hash(source)),
        }
        client.update_function_configuration(FunctionName=register, Environment={"Variables": variables})

    yield put
    client.delete_function(FunctionName="rft-local-gsm8k-broken-reward")
    iam.delete_role_policy(RoleName=role, PolicyName="broken")
    client.update_function_configuration(FunctionName=register, Environment={"Variables": before})


@pytest.mark.parametrize("mistake", BROKEN_REWARDS)
def test_a_broken_reward_is_rejected_before_anything_is_paid_for(
    stage: Stage, tmp_path: Path, inbox: Inbox, reward_of: Callable[[str], None], mistake: str
) -> None:
    source, words = BROKEN_REWARDS[mistake]
    jobs = job_names(stage)
    reward_of(source)
    files = changed_sample(tmp_path, lambda lines: tag_first_record(lines, mistake))
    ended = run(stage, files, dataset="broken-reward")
    assert ended.record is not None
    failure = ended.record.failure
    assert failure is not None
    assert (failure.state, failure.error) == ("AuditReward", "RewardRejected")
    for word in words:
        assert word in failure.cause
    assert "RewardRejected" in inbox.read()
    assert job_names(stage) == jobs
    assert leftovers.find(stage.local, stage.names, USE_CASES) == []
