"""What is shown of a run: phases from the execution's history, in 80 columns, also without a terminal."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console

from rft.cli.execution import (
    ExecutionView,
    cause_message,
    run_id_from,
    states_from,
    working_states,
)
from rft.cli.phases import FAILURE_PHASE, PHASES, phases_of
from rft.cli.progress import PlainProgress, Snapshot, duration, render, sparkline
from rft.runs.record import Failure, Status
from tests.unit.report_world import record

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 1, 1, tzinfo=UTC)
DEFINITION = json.loads((ROOT / "stepfunctions" / "rft_pipeline.asl.json").read_text())
NAMES = working_states(DEFINITION)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def entered(name: str, seconds: float) -> dict[str, Any]:
    details = {"name": name, "input": "{}"}
    return {"type": "TaskStateEntered", "timestamp": at(seconds), "stateEnteredEventDetails": details}


def left(name: str, seconds: float) -> dict[str, Any]:
    return {"type": "TaskStateExited", "timestamp": at(seconds), "stateExitedEventDetails": {"name": name}}


def scheduled(seconds: float) -> dict[str, Any]:
    return {"type": "TaskScheduled", "timestamp": at(seconds)}


def failed(error: str, seconds: float) -> dict[str, Any]:
    details = {"error": error, "cause": json.dumps({"errorMessage": "line 17"})}
    return {"type": "TaskFailed", "timestamp": at(seconds), "taskFailedEventDetails": details}


def view(*events: dict[str, Any], status: str = "RUNNING") -> ExecutionView:
    return ExecutionView("arn", status, START, None, states=states_from(NAMES, events))


def test_every_state_that_works_belongs_to_one_phase() -> None:
    named = [name for names in PHASES.values() for name in names]
    assert sorted(named) == sorted(NAMES)


def test_states_come_in_the_order_of_the_workflow() -> None:
    wanted = [
        "RegisterRun",
        "AuditReward",
        "LaunchTraining",
        "Evaluate",
        "Gate",
        "Promote",
        "CleanUp",
        "RecordRun",
    ]
    assert [name for name in NAMES if name in wanted] == wanted


def test_a_phase_is_done_when_the_next_began_and_the_rest_waits() -> None:
    shown = view(entered("RegisterRun", 0), left("RegisterRun", 2), entered("ValidateDataset", 2))
    phases = {phase.title: phase for phase in phases_of(shown, at(5))}
    assert (phases["Register the run"].status, phases["Register the run"].seconds) == ("done", 2)
    assert (phases["Validate the dataset"].status, phases["Validate the dataset"].seconds) == ("running", 3)
    assert phases["Train"].status == "waiting"
    assert FAILURE_PHASE not in phases


def test_a_retry_is_counted_and_is_no_failure() -> None:
    shown = view(
        entered("LaunchTraining", 0),
        scheduled(0),
        failed("ThrottlingException", 1),
        scheduled(2),
        left("LaunchTraining", 3),
    )
    train = next(phase for phase in phases_of(shown, at(4)) if phase.title == "Train")
    assert (train.retries, train.status) == (1, "running")


def test_a_caught_failure_is_a_failed_phase_with_its_message() -> None:
    shown = view(
        entered("ValidateDataset", 0), scheduled(0), failed("DatasetRejected", 1), left("ValidateDataset", 1),
        entered("Compensate", 1), left("Compensate", 2), status="FAILED",
    )  # fmt: skip
    phases = {phase.title: phase for phase in phases_of(shown, at(4))}
    assert phases["Validate the dataset"].status == "failed"
    assert phases["Validate the dataset"].error == "DatasetRejected: line 17"
    assert phases[FAILURE_PHASE].status == "done"
    assert phases["Promote"].status == "skipped"


def test_a_job_handed_to_the_next_watching_execution_is_still_training() -> None:
    shown = view(entered("WatchJob", 0), left("WatchJob", 60), entered("WatchJob", 60))
    train = next(phase for phase in phases_of(shown, at(61)) if phase.title == "Train")
    assert (train.status, train.seconds) == ("running", 61)


def test_the_run_id_is_read_from_the_first_task_that_returns_one() -> None:
    event = {"type": "TaskSucceeded", "taskSucceededEventDetails": {"output": '{"Payload":{"run_id":"abc"}}'}}
    assert run_id_from([{"type": "ExecutionStarted"}, event]) == "abc"
    assert run_id_from([]) == ""


def test_a_cause_is_told_without_its_wrapping() -> None:
    assert cause_message('{"errorMessage": "line 17"}') == "line 17"
    assert cause_message("plain") == "plain"


def test_durations_are_short() -> None:
    assert [duration(s) for s in (0.04, 9.94, 12.4, 185, 7800)] == [
        "0.0 s",
        "9.9 s",
        "12 s",
        "3 min 05 s",
        "2 h 10 min",
    ]


def test_a_sparkline_averages_down_and_stays_in_range() -> None:
    assert sparkline([0, 0.5, 1, 2, -1]) == "▁▅██▁"
    assert len(sparkline([0.5] * 1000, columns=36)) == 36


def snapshot(**changes: Any) -> Snapshot:
    phases = phases_of(
        view(entered("RegisterRun", 0), left("RegisterRun", 2), entered("ValidateDataset", 2)), at(5)
    )
    given: dict[str, Any] = {
        "title": "gsm8k · local · run 3fa9b1c07d2e4410",
        "phases": phases,
        "training": [0.4, 0.5, 0.9],
        "validation": [0.5],
        "record": record(),
        "simulated": True,
    }
    return Snapshot(**(given | changes))


def test_the_picture_fits_80_columns_and_says_that_the_model_is_simulated() -> None:
    target = Console(width=80, file=io.StringIO(), record=True)
    target.print(render(snapshot()))
    text = target.export_text()
    assert max(len(line) for line in text.splitlines()) <= 80
    for words in (
        "SIMULATED MODEL",
        "Training reward",
        "base 0.412 → candidate 0.833",
        "SUCCEEDED",
        "Validate the dataset",
    ):
        assert words in text
    target.print(render(snapshot(simulated=False)))
    assert "SIMULATED" not in target.export_text()


def test_without_a_terminal_each_change_is_one_line() -> None:
    target = Console(width=200, file=io.StringIO(), record=True)
    plain = PlainProgress(target)
    plain.show(snapshot())
    plain.show(snapshot())
    failure = Failure(state="ValidateDataset", error="DatasetRejected", cause="line 17")
    plain.close(snapshot(record=record(status=Status.FAILED, failure=failure)))
    text = target.export_text()
    assert text.count("Register the run") == 1
    assert "FAILED: ValidateDataset ended with DatasetRejected: line 17" in text
    assert "SIMULATED" in text.splitlines()[0]
