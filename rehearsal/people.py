"""What people do during a scenario: they answer the question that a run waits for."""

from typing import Final

from rft import aws
from rft.cli import approval_commands, console
from rft.engines import engine_for
from rft.names import UseCaseNames
from rft.runs.approval import Answer, open_question
from rft.runs.record import RunRecord
from rft.runs.store import RunStore

APPROVER: Final = "arn:aws:sts::000000000000:assumed-role/approver/second-person"
AGREED: Final = "the plan is worth it"
DISAGREED: Final = "not this quarter"


def agree(store: RunStore, record: RunRecord) -> None:
    """Agree to what the run waits for, after the uploader tried to.

    Raises:
        RuntimeError: when the uploader was let through.
    """
    if open_question(record) is None:
        return
    own = Answer(answer="approved", approver=record.uploader or "", reason=AGREED)
    try:
        approval_commands.send(store, record, own)
    except console.Finding:
        approval_commands.send(store, record, own.model_copy(update={"approver": APPROVER}))
    else:
        raise RuntimeError(f"run {record.run_id}: its uploader could approve it")


def stop_as_advised(store: RunStore, record: RunRecord) -> None:
    """Stop the job once the stop policy has advised to look at it."""
    if record.advice is not None and record.job is not None and record.job.status == "InProgress":
        engine_for(record.settings.use_case.model).stop(record.job.arn)


def stop_when_woken(store: RunStore, record: RunRecord) -> None:
    """Stop the job as advised, once the alarm of silence rings."""
    alarm = UseCaseNames(record.environment, record.use_case).alarm("training-stalled")
    answer = aws.client("cloudwatch").describe_alarms(AlarmNames=[alarm], StateValue="ALARM")
    if answer["MetricAlarms"]:
        stop_as_advised(store, record)


def refuse(store: RunStore, record: RunRecord) -> None:
    """Refuse what the run waits for."""
    if open_question(record) is not None:
        no = Answer(answer="rejected", approver=APPROVER, reason=DISAGREED)
        approval_commands.send(store, record, no)


def agree_alone(store: RunStore, record: RunRecord) -> None:
    """Complete the task as the uploader, without the command line's own checks."""
    asked = open_question(record)
    if asked is not None:
        own = Answer(answer="approved", approver=record.uploader or "")
        aws.send_task_success(asked.token, own.model_dump(mode="json"))
