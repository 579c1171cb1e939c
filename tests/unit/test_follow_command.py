"""`rft runs follow`: the display of a run, and its end as an exit code."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from rft.cli import follow, project, runs_view
from rft.cli.main import app
from rft.names import EnvironmentNames
from rft.runs.record import RunRecord, Status
from tests.unit.report_world import record


def run(monkeypatch: pytest.MonkeyPatch, ended: RunRecord | None) -> tuple[Any, dict[str, Any]]:
    began, asked = record(status=Status.RUNNING), {}

    def followed(execution: str, **options: Any) -> Any:
        asked.update(options, execution=execution)
        return SimpleNamespace(record=ended)

    monkeypatch.setattr(project, "connect", lambda env: EnvironmentNames(env, "111111111111", "us-east-1"))
    monkeypatch.setattr(runs_view, "find", lambda environment, run, use_case: began)
    monkeypatch.setattr(follow, "follow", followed)
    return CliRunner().invoke(app, ["runs", "follow", "3fa9", "--json"]), asked


@pytest.mark.parametrize(
    ("status", "code"), [(Status.SUCCEEDED, 0), (Status.HELD, 0), (Status.FAILED, 1)], ids=str
)
def test_a_run_is_followed_to_its_end(monkeypatch: pytest.MonkeyPatch, status: Status, code: int) -> None:
    ended = record(status=status)
    result, asked = run(monkeypatch, ended)
    assert result.exit_code == code
    assert json.loads(result.stdout)["status"] == status.value
    assert (asked["execution"], asked["use_case"]) == (ended.execution_arn, ended.use_case)
