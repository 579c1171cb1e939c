"""The question to a person: asked with an end, answered once, and every answer kept.

`rft approve` and `rft reject` complete the waiting task with an `Answer`; the function record_approval judges and
records it. Whom an answer names is the answer's own claim: AWS does not tell a workflow who completed its task.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, StringConstraints, ValidationError

from rft.errors import ApprovalExpired, ApprovalRejected
from rft.runs.principal import is_principal, same_principal
from rft.runs.record import Approval, Failure, RunRecord, Status, now

APPROVED: Final = "approved"
REJECTED: Final = "rejected"
REFUSED: Final = "refused"
EXPIRED: Final = "expired"
WITHDRAWN: Final = "withdrawn"  # the run ended for another reason
ANSWERED: Final = (APPROVED, REJECTED, REFUSED)
MAX_REASON_CHARACTERS: Final = 1000


def _names_somebody(arn: str) -> str:
    if not is_principal(arn):
        raise ValueError("must be the ARN of an IAM user or of a role's session")
    return arn


class Answer(BaseModel):
    """The output that completes a waiting approval."""

    answer: Literal["approved", "rejected"]
    approver: Annotated[str, AfterValidator(_names_somebody)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_REASON_CHARACTERS)] = ""


def question(subject: str, token: str, timeout_hours: int) -> Approval:
    """A new question, open for `timeout_hours`."""
    asked_at = now()
    end = datetime.fromisoformat(asked_at) + timedelta(hours=timeout_hours)
    expires_at = end.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Approval(subject=subject, token=token, asked_at=asked_at, expires_at=expires_at)


def earlier(record: RunRecord, subject: str) -> list[Approval]:
    """The questions to keep when `subject` is asked; the same question asked again replaces itself."""
    return [asked for asked in record.questions if asked.subject != subject]


def open_question(record: RunRecord) -> Approval | None:
    """The question that a run waits for; None when it waits for no person."""
    asked = record.approval
    return asked if asked and asked.answer is None and record.status is Status.RUNNING else None


def time_left(asked: Approval, moment: datetime | None = None) -> timedelta | None:
    """Time until a question expires, negative afterwards; None for a record of an older version."""
    if asked.expires_at is None:
        return None
    return datetime.fromisoformat(asked.expires_at) - (moment or datetime.now(UTC))


def objection(record: RunRecord, approver: str) -> str | None:
    """Why `approver` cannot agree to anything of this run; None when they can."""
    if not record.settings.approvals.four_eyes:
        return None
    if record.uploader is None:
        return "approvals.four_eyes is on and nobody is known to have uploaded the dataset"
    if same_principal(record.uploader, approver):
        return f"approvals.four_eyes is on and {approver} uploaded the dataset; another person must approve"
    return None


def settle(record: RunRecord, subject: str, given: Any) -> Approval:
    """The question with its answer; the answer of an earlier call stays.

    Raises:
        ApprovalRejected: when the run was never asked about `subject`.
    """
    asked = record.approval
    if asked is None or asked.subject != subject:
        raise ApprovalRejected(f"nobody was asked about the {subject} of this run; submit the dataset again")
    if asked.answer is not None:
        return asked
    try:
        answer = Answer.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in found["loc"]) or "the output"
        return _answered(asked, REFUSED, None, f"{where}: {found['msg']}; answer with `rft approve`")
    against = objection(record, answer.approver) if answer.answer == APPROVED else None
    if against:
        return _answered(asked, REFUSED, answer.approver, against)
    return _answered(asked, answer.answer, answer.approver, answer.reason)


def close(record: RunRecord, failure: Failure | None) -> Approval | None:
    """The open question of a run that is over, answered by how it ended; None when there is nothing to write."""
    asked = record.approval
    ends = {ApprovalExpired.__name__: EXPIRED, ApprovalRejected.__name__: REJECTED}
    if asked is None or asked.answer is not None or failure is None:
        return None
    return _answered(asked, ends.get(failure.error, WITHDRAWN), None, failure.cause)


def sentence(asked: Approval) -> str:
    """Who said what, when and why."""
    if asked.answer is None:
        return f"{asked.subject}: asked {asked.asked_at}, open until {asked.expires_at or 'its time is up'}"
    by = f" by {asked.approver}" if asked.approver else ""
    why = f": {asked.reason}" if asked.reason else ""
    return f"{asked.subject}: {asked.answer}{by} at {asked.answered_at}{why}"


def public(asked: Approval) -> Mapping[str, Any]:
    """A question as it leaves the table: without its task token."""
    return asked.model_dump(mode="json", exclude={"token"})


def _answered(asked: Approval, answer: str, approver: str | None, reason: str) -> Approval:
    return asked.model_copy(
        update={
            "token": "",
            "answer": answer,
            "answered_at": now(),
            "approver": approver,
            "reason": reason[:MAX_REASON_CHARACTERS],
        }
    )
