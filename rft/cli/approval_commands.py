"""`rft approve|reject`: answers the question that a run waits for."""

import time
from typing import Annotated, Final, Literal

import typer

from rft import aws
from rft.cli import console, project, runs_view
from rft.errors import ApprovalRejected
from rft.runs import approval
from rft.runs.record import Approval, RunRecord
from rft.runs.store import RunStore

RECORDED_SECONDS: Final = 30.0  # a cold function takes a few seconds to record an answer
POLL_SECONDS: Final = 0.5

Verdict = Literal["approved", "rejected"]
Run = Annotated[str, typer.Argument(help="Run id, or its beginning.")]
UseCase = Annotated[str | None, typer.Option("--use-case", help="Use case; all of the project's by default.")]


def approve(
    run: Run,
    env: console.Environment = "dev",
    use_case: UseCase = None,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the record.")] = "",
    as_json: console.AsJson = False,
) -> None:
    """Agree to the spending or the promotion that a run waits for."""
    _answer(run, env, use_case, approval.APPROVED, reason, as_json)


def reject(
    run: Run,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the record.")],
    env: console.Environment = "dev",
    use_case: UseCase = None,
    as_json: console.AsJson = False,
) -> None:
    """Refuse the spending or the promotion that a run waits for; the run ends as FAILED and cleans up."""
    _answer(run, env, use_case, approval.REJECTED, reason, as_json)


def _answer(run: str, env: str, use_case: str | None, answer: Verdict, reason: str, as_json: bool) -> None:
    told = " ".join(reason.split())
    if answer == approval.REJECTED and not told:
        raise console.UsageProblem('--reason is empty; say why, for example --reason "the probe is too low"')
    if len(told) > approval.MAX_REASON_CHARACTERS:
        raise console.UsageProblem(
            f"--reason has {len(told)} characters; at most {approval.MAX_REASON_CHARACTERS} are kept"
        )
    environment = project.connect(env)
    record = runs_view.find(environment, run, use_case)
    store = runs_view.store(environment, record.use_case)
    waiting(record)
    given = approval.Answer(answer=answer, approver=aws.caller_arn(), reason=told)
    settled = send(store, record, given)
    if as_json:
        console.print_json({"run_id": record.run_id, **approval.public(settled)})
    else:
        console.stdout.print(f"run {record.run_id}: {approval.sentence(settled)}", soft_wrap=True)


def waiting(record: RunRecord) -> Approval:
    """The question that a run waits for.

    Raises:
        Finding: when it waits for nobody, was answered, or has expired.
    """
    asked = approval.open_question(record)
    if asked is None:
        raise console.Finding(_not_waiting(record))
    left = approval.time_left(asked)
    if left is not None and left.total_seconds() <= 0:
        raise console.Finding(_expired(record, asked))
    return asked


def send(store: RunStore, record: RunRecord, given: approval.Answer) -> Approval:
    """Complete the task that waits for an answer, and return the question as the workflow recorded it.

    Raises:
        Finding: as `waiting`; when four_eyes forbids the approver to agree; when the workflow refused the answer.
    """
    asked = waiting(record)
    against = approval.objection(record, given.approver) if given.answer == approval.APPROVED else None
    if against:
        raise console.Finding(f"run {record.run_id} still waits: {against}")
    if not aws.send_task_success(asked.token, given.model_dump(mode="json")):
        raise console.Finding(_not_waiting(store.get(record.run_id)))
    settled = _recorded(store, record, asked)
    if settled.answer == approval.REFUSED:
        raise console.Finding(f"run {record.run_id} ended with {ApprovalRejected.__name__}: {settled.reason}")
    return settled


def _recorded(store: RunStore, record: RunRecord, asked: Approval) -> Approval:
    deadline = time.monotonic() + RECORDED_SECONDS
    while True:
        found = [part for part in store.get(record.run_id).questions if part.asked_at == asked.asked_at]
        if found and found[0].answer is not None:
            return found[0]
        if time.monotonic() > deadline:
            raise console.Finding(
                f"run {record.run_id}: the answer was accepted, but is not recorded after {RECORDED_SECONDS:.0f} s; "
                f"{_look(record)}"
            )
        time.sleep(POLL_SECONDS)


def _not_waiting(record: RunRecord) -> str:
    asked = record.approval
    if asked is not None and asked.answer == approval.EXPIRED:
        return _expired(record, asked)
    if asked is not None and asked.answer in approval.ANSWERED:
        told = approval.sentence(asked)
        return f"run {record.run_id} waits for no approval: it was answered before ({told}); {_look(record)}"
    if approval.open_question(record):
        return (
            f"run {record.run_id}: its question was answered a moment ago or ran out of time; {_look(record)}"
        )
    return (
        f"run {record.run_id} waits for no approval: it is {record.status} in {record.state}; {_look(record)}"
    )


def _expired(record: RunRecord, asked: Approval) -> str:
    hours = record.settings.approvals.timeout_hours
    return (
        f"run {record.run_id}: the question about the {asked.subject} expired (asked {asked.asked_at}, open for "
        f"{hours} h), and no answer means no; to ask again: rft submit {record.use_case} DIR --env {record.environment}"
    )


def _look(record: RunRecord) -> str:
    return f"see: rft runs show {record.run_id} --use-case {record.use_case} --env {record.environment}"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("approve")(approve)
    app.command("reject")(reject)
