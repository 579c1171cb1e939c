"""`rft approve`, `rft reject` and what `rft runs` shows of a question: one line, exit 1, and the fix."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

from rft import aws
from rft.cli import approval_commands, project, run_commands, runs_view
from rft.cli.main import app
from rft.errors import RunNotFound
from rft.names import EnvironmentNames
from rft.runs.approval import settle
from rft.runs.record import RunRecord, Status
from rft.runs.slot_queue import SlotQueue
from tests.unit.report_world import record
from tests.unit.test_approval import ANN, BO, asking


class Workflow:
    """A store with one run, and the workflow that records what completes its task."""

    def __init__(self, kept: RunRecord) -> None:
        self.kept = kept
        self.sent: list[Any] = []
        self.takes = True

    def get(self, run_id: str) -> RunRecord:
        if run_id != self.kept.run_id:
            raise RunNotFound("no")
        return self.kept

    def newest(self, limit: int = 50) -> list[RunRecord]:
        return [self.kept]

    def complete(self, token: str, output: Any) -> bool:
        self.sent.append((token, output))
        if self.takes:
            assert self.kept.approval is not None
            settled = settle(self.kept, self.kept.approval.subject, output)
            self.kept = self.kept.model_copy(update={"approval": settled})
        return self.takes


@pytest.fixture
def workflow(monkeypatch: pytest.MonkeyPatch) -> Workflow:
    made = Workflow(asking())
    monkeypatch.setattr(project, "connect", lambda env: EnvironmentNames(env, "111111111111", "us-east-1"))
    monkeypatch.setattr(runs_view, "store", lambda environment, use_case: made)
    monkeypatch.setattr(aws, "send_task_success", made.complete)
    monkeypatch.setattr(aws, "caller_arn", lambda: BO)
    return made


def run(command: str, run_id: str, *options: str) -> Any:
    return CliRunner().invoke(app, [command, run_id, "--use-case", "gsm8k", *options])


@pytest.mark.parametrize(("command", "answer"), [("approve", "approved"), ("reject", "rejected")])
def test_an_answer_names_its_giver_and_its_reason(workflow: Workflow, command: str, answer: str) -> None:
    result = run(command, workflow.kept.run_id, "--reason", "quarter\n end", "--json")
    assert result.exit_code == 0
    assert workflow.sent == [
        ("secret-token", {"answer": answer, "approver": BO, "reason": "quarter end"}),
    ]
    document = json.loads(result.stdout)
    assert (document["answer"], document["approver"], document["subject"]) == (answer, BO, "spend")
    assert "token" not in document


def test_an_approval_may_go_without_a_reason_and_a_rejection_not(workflow: Workflow) -> None:
    assert run("reject", workflow.kept.run_id).exit_code == 2
    assert run("reject", workflow.kept.run_id, "--reason", " ").exit_code == 2
    assert workflow.sent == []
    assert run("approve", workflow.kept.run_id).stdout == (
        f"run {workflow.kept.run_id}: spend: approved by {BO} at {workflow.kept.approval.answered_at}\n"  # type: ignore[union-attr]
    )


def expire(kept: RunRecord) -> RunRecord:
    assert kept.approval is not None
    old = {"asked_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-01T02:00:00Z"}
    return kept.model_copy(update={"approval": kept.approval.model_copy(update=old)})


def close(kept: RunRecord) -> RunRecord:
    assert kept.approval is not None
    closed = kept.approval.model_copy(update={"answer": "expired"})
    return kept.model_copy(update={"status": Status.FAILED, "approval": closed})


def agree(kept: RunRecord) -> RunRecord:
    given = {"answer": "approved", "approver": BO}
    return kept.model_copy(update={"approval": settle(kept, "spend", given)})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (expire, "expired (asked 2026-01-01T00:00:00Z, open for 2 h), and no answer means no"),
        (close, "to ask again: rft submit gsm8k DIR --env local"),
        (agree, f"answered before (spend: approved by {BO}"),
        (lambda _: record(), "waits for no approval: it is SUCCEEDED in RecordRun; see: rft runs show"),
    ],
    ids=["time is up", "workflow said expired", "answered", "not waiting"],
)
@pytest.mark.parametrize("command", ["approve", "reject"])
def test_a_run_that_waits_for_nobody_cannot_be_answered(
    workflow: Workflow, command: str, change: Callable[[RunRecord], RunRecord], words: str
) -> None:
    workflow.kept = change(workflow.kept)
    result = run(command, workflow.kept.run_id, "--reason", "x")
    assert (result.exit_code, result.stderr.count("\n"), result.stdout) == (1, 1, "")
    assert words in result.stderr
    assert workflow.sent == []


def test_the_second_of_two_answers_is_told_of_the_first(workflow: Workflow) -> None:
    assert run("approve", workflow.kept.run_id).exit_code == 0
    again = run("reject", workflow.kept.run_id, "--reason", "no")
    assert (again.exit_code, len(workflow.sent)) == (1, 1)
    assert "answered before" in again.stderr


def test_a_task_that_is_over_takes_no_answer(workflow: Workflow) -> None:
    workflow.takes = False
    result = run("approve", workflow.kept.run_id)
    assert result.exit_code == 1
    assert "answered a moment ago or ran out of time" in result.stderr


def test_a_wrong_run_is_named(workflow: Workflow) -> None:
    result = run("approve", "zzz")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "rft runs list --env dev" in result.stderr


def test_the_uploader_is_stopped_before_the_run_ends_over_it(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "caller_arn", lambda: ANN)
    result = run("approve", workflow.kept.run_id)
    assert result.exit_code == 1
    assert "another person must approve" in result.stderr
    assert workflow.sent == []
    assert run("reject", workflow.kept.run_id, "--reason", "mine, and wrong").exit_code == 0


def test_a_refusal_of_the_workflow_is_a_finding(workflow: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aws, "caller_arn", lambda: ANN)
    monkeypatch.setattr(approval_commands.approval, "objection", lambda *_: None)
    monkeypatch.setattr("tests.unit.test_approval_commands.settle", refusing)
    result = run("approve", workflow.kept.run_id)
    assert result.exit_code == 1
    assert "ended with ApprovalRejected: not you" in result.stderr


def refusing(kept: RunRecord, subject: str, given: Any) -> Any:
    assert kept.approval is not None
    return kept.approval.model_copy(update={"answer": "refused", "reason": "not you"})


def test_an_answer_that_nobody_records_is_said_to_be_so(
    workflow: Workflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "send_task_success", lambda *_: True)
    monkeypatch.setattr(approval_commands, "RECORDED_SECONDS", 0.0)
    result = run("approve", workflow.kept.run_id)
    assert result.exit_code == 1
    assert "accepted, but is not recorded" in result.stderr


def test_runs_show_what_waits_and_what_was_answered(workflow: Workflow) -> None:
    (row,) = [value for label, value in run_commands.facts(workflow.kept) if label == "waits for"]
    assert row.startswith("approval of the spend, ")
    assert "left: rft approve" in row
    assert "expired" in dict(run_commands.facts(expire(workflow.kept)))["waits for"]
    facts = dict(run_commands.facts(agree(workflow.kept)))
    assert facts["approval"].startswith(f"spend: approved by {BO} at ")
    assert facts["uploaded by"] == ANN


def test_runs_list_marks_who_waits_with_the_time_left(workflow: Workflow) -> None:
    cells = list(
        run_commands._table([workflow.kept, expire(workflow.kept), record()], SlotQueue()).columns[-1].cells
    )
    assert str(cells[0]).startswith(
        ("waits for approval of the spend, 2 h 00 min left", "waits for approval of the spend, 1 h 59")
    )
    assert str(cells[1]).endswith("spend, expired")
    assert cells[2] == "RecordRun"
