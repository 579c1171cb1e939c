"""`rft runs stop`: one command for the jobs of either engine."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from rft.cli import project, runs_view, stop_command
from rft.cli.main import app
from rft.engines.capabilities import MANTLE, NOVA
from rft.names import EnvironmentNames
from rft.runs.record import RunRecord, Status, StopAdvice, StopReason
from tests.unit.report_world import JOB, record


def run(monkeypatch: pytest.MonkeyPatch, kept: RunRecord, *options: str, **engine: Any) -> Any:
    engine = {"capabilities": NOVA, "stop": lambda arn: arn == JOB.arn, **engine}
    monkeypatch.setattr(project, "connect", lambda env: EnvironmentNames(env, "111111111111", "us-east-1"))
    monkeypatch.setattr(runs_view, "find", lambda environment, run, use_case: kept)
    monkeypatch.setattr(stop_command, "engine_for", lambda model: SimpleNamespace(**engine))
    return CliRunner().invoke(app, ["runs", "stop", "3fa9", *options])


def test_the_job_is_stopped_and_what_that_leaves_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    running = record(status=Status.RUNNING, job=JOB)
    told = run(monkeypatch, running).stdout
    assert JOB.name in told
    assert "leaves no model" in told
    assert "checkpoints stay usable" in run(monkeypatch, running, capabilities=MANTLE).stdout
    found = json.loads(run(monkeypatch, running, "--json").stdout)
    assert found == {
        "run_id": running.run_id,
        "job": JOB.name,
        "keeps_checkpoints": False,
        "goes_on": False,
    }


@pytest.mark.parametrize(
    ("detector", "engine", "told"),
    [
        ("length_spike", MANTLE, "goes to the gate"),
        ("length_spike", NOVA, "leaves no model"),
        ("broken_reward", MANTLE, "checkpoints stay usable"),
        ("budget", MANTLE, "checkpoints stay usable"),
    ],
)
def test_after_advice_that_leaves_reward_and_budget_out_the_best_checkpoint_goes_on(
    monkeypatch: pytest.MonkeyPatch, detector: str, engine: Any, told: str
) -> None:
    reason = StopReason(
        detector=detector, statistic=9, threshold=5, words="found", source="a paper", enforced=False
    )
    advice = StopAdvice(at="now", action="warn", reason=detector, enforced=False, reasons=[reason])
    running = record(status=Status.RUNNING, job=JOB, advice=advice)
    assert told in run(monkeypatch, running, capabilities=engine).stdout


def test_a_job_that_is_over_and_a_run_without_one_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    over = run(monkeypatch, record(job=JOB), stop=lambda arn: False)
    assert (over.exit_code, "is over already" in over.stderr) == (1, True)
    none = run(monkeypatch, record(status=Status.RUNNING, job=None))
    assert (none.exit_code, "has no training job" in none.stderr) == (1, True)
