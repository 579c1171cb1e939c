"""What `rft submit` says of content that was trained before."""

from typing import Any

import pytest
from typer.testing import CliRunner

from rft import aws
from rft.cli import registration
from rft.cli.execution import ExecutionView, StateView
from rft.cli.main import app
from rft.cli.registration import Registered, registered
from rft.cli.submit_command import _tell
from rft.runs.record import Status
from rft.runs.upload import Upload
from tests.unit.report_world import record


class Reader:
    """An execution that is seen in several states, one after another."""

    views: list[ExecutionView]

    def __init__(self, client: Any, arn: str) -> None:
        pass

    def read(self) -> ExecutionView:
        return self.views.pop(0) if len(self.views) > 1 else self.views[0]


class Client:
    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        return {"output": '{"duplicate": true, "run_id": "r1"}'}


def view(status: str, run_id: str, visits: int = 0) -> ExecutionView:
    return ExecutionView(
        "arn", status, run_id=run_id, states={"ValidateDataset": StateView("v", visits=visits)}
    )


@pytest.mark.parametrize(
    ("views", "expected"),
    [
        ([view("RUNNING", ""), view("RUNNING", "r1"), view("RUNNING", "r1", 1)], Registered("r1", False)),
        ([view("RUNNING", ""), view("RUNNING", "r1"), view("SUCCEEDED", "r1")], Registered("r1", True)),
        ([view("RUNNING", "")], Registered("", False)),
    ],
    ids=["new", "duplicate", "too slow"],
)
def test_an_upload_is_a_run_or_a_duplicate(
    monkeypatch: pytest.MonkeyPatch, views: list[ExecutionView], expected: Registered
) -> None:
    monkeypatch.setattr(aws, "client", lambda _: Client())
    monkeypatch.setattr(registration, "ExecutionReader", Reader)
    monkeypatch.setattr(Reader, "views", list(views), raising=False)
    assert registered("arn", timeout_seconds=0.2, poll_seconds=0.01) == expected


def test_a_duplicate_is_told_with_the_run_that_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    from datetime import UTC, datetime

    earlier = record(status=Status.SUCCEEDED)
    uploaded = Upload("data", "gsm8k/x/train.jsonl", "v", datetime.now(UTC))
    _tell(False, uploaded, "arn", Registered(earlier.run_id, duplicate=True), earlier)
    said = capsys.readouterr().out
    assert f"the same content is run {earlier.run_id}" in said
    assert "nothing was started" in said
    assert f"rft runs show {earlier.run_id} --use-case {earlier.use_case} --env {earlier.environment}" in said
    assert "--force" in said


def test_a_force_without_a_reason_is_refused_before_anything_is_uploaded() -> None:
    result = CliRunner().invoke(app, ["submit", "gsm8k", "use_cases/gsm8k/sample", "--force", "again"])
    assert result.exit_code == 2
    assert "give a reason of 10 to 300" in result.stderr
