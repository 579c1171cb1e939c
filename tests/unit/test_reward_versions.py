"""Versions of a deployed reward function: which runs keep which, and which may go."""

import io
import json
import uuid
import zipfile

import pytest

from rft import aws
from rft.runs.record import RewardVersion as Pinned
from rft.runs.record import RunRecord, Status
from rft.runs.reward_versions import ALIAS, prune, versions
from tests.unit.report_world import record
from tests.unit.run_world import ACCOUNT, World


def code(value: float) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("handler.py", f"def handler(event, context):\n    return {value}\n")
    return buffer.getvalue()


@pytest.fixture
def function(world: World) -> str:
    """A function with three versions, the last of them live; each gives its own number."""
    name = f"reward-{uuid.uuid4().hex[:8]}"
    lambda_ = aws.client("lambda")
    lambda_.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=f"arn:aws:iam::{ACCOUNT}:role/r",
        Handler="handler.handler",
        Code={"ZipFile": code(1)},
        Publish=True,
    )
    for value in (2, 3):
        lambda_.update_function_code(FunctionName=name, ZipFile=code(value), Publish=True)
    lambda_.create_alias(FunctionName=name, Name=ALIAS, FunctionVersion="3")
    return name


def run(function: str, version: str, status: Status = Status.SUCCEEDED) -> RunRecord:
    pinned = Pinned(function_arn=f"arn:aws:lambda:us-east-1:1:function:{function}:{version}", code_sha256="c")
    return record(reward=pinned, status=status)


def test_each_version_tells_who_refers_to_it(function: str) -> None:
    found = versions(function, [run(function, "1"), run(function, "1", Status.RUNNING)])
    assert [(item.version, item.is_live, len(item.runs), len(item.training)) for item in found] == [
        ("3", True, 0, 0),
        ("2", False, 0, 0),
        ("1", False, 2, 1),
    ]


def test_only_what_nobody_refers_to_is_deleted(function: str) -> None:
    runs = [run(function, "1")]
    assert prune(function, versions(function, runs)) == ["2"]
    assert [item.version for item in versions(function, runs)] == ["3", "1"]


def test_a_version_keeps_its_code_when_the_function_changes(function: str) -> None:
    lambda_ = aws.client("lambda")
    given = [
        json.loads(lambda_.invoke(FunctionName=f"{function}:{version}", Payload=b"[]")["Payload"].read())
        for version in ("1", "2", ALIAS)
    ]
    assert given == [1.0, 2.0, 3.0]
