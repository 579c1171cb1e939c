"""The run records of one use case in DynamoDB: one table, one item a run, updated by path so that no step's
write loses another's.

Keys: `<use case>#RUN#<run id>` / `RECORD`; `<use case>#JOB#<job name>` / `JOB`, which leads from an event to
its run. Partition keys begin with the use case so that a role can be confined by `dynamodb:LeadingKeys`. The
index `by-created` (partition `use_case`, sort `created_at`) lists runs, newest first.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from rft.aws import client, code_of
from rft.errors import RunNotFound
from rft.names import UseCaseNames
from rft.runs.items import from_item, to_item
from rft.runs.record import Moment, RunRecord, Status, now

LIST_INDEX: Final = "by-created"
RECORD_SORT_KEY: Final = "RECORD"
JOB_SORT_KEY: Final = "JOB"
_REGISTRATION_ATTEMPTS: Final = 10
_LOST: Final = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class Registration:
    """What registering came to; `record` is the stored one."""

    record: RunRecord
    duplicate: bool


class RunStore:
    """Reads and writes the records of one use case."""

    def __init__(self, table: str, use_case: str) -> None:
        self._table, self._use_case = table, use_case

    def register(self, record: RunRecord, is_running: Callable[[str], bool]) -> Registration:
        """Store a new run, or find out what the run with the same id is doing.

        The same execution again is a retry. A failed run, and one whose execution died without recording an
        end (`is_running` tells), is taken over as the next attempt. All else is a duplicate and is counted.

        Raises:
            RuntimeError: when other writers win again and again.
        """
        for _ in range(_REGISTRATION_ATTEMPTS):
            if self._put(record, instead_of=None):
                return Registration(record, duplicate=False)
            held = self.get(record.run_id)
            if held.execution_arn == record.execution_arn:
                return Registration(held, duplicate=False)
            alive = held.status is Status.RUNNING and is_running(held.execution_arn)
            if alive or held.status in {Status.SUCCEEDED, Status.HELD}:
                return Registration(self._count_duplicate(record.run_id), duplicate=True)
            successor = record.model_copy(
                update={
                    "attempt": held.attempt + 1,
                    "created_at": held.created_at,
                    "duplicates": held.duplicates,
                    "adopts": _left_behind(held),
                }
            )
            if self._put(successor, instead_of=held):
                return Registration(successor, duplicate=False)
        raise RuntimeError(f"run {record.run_id}: registration lost against other executions; submit again")

    def get(self, run_id: str) -> RunRecord:
        """Read a run, consistently.

        Raises:
            RunNotFound: when there is none.
        """
        answer = client("dynamodb").get_item(
            TableName=self._table, Key=self._key(run_id), ConsistentRead=True
        )
        if "Item" not in answer:
            raise RunNotFound(f"no run {run_id!r} of use case {self._use_case!r} in table {self._table}")
        return _record(answer["Item"])

    def newest(self, limit: int = 50) -> list[RunRecord]:
        """The newest runs of the use case, newest first."""
        pages = (
            client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self._table,
                IndexName=LIST_INDEX,
                KeyConditionExpression="use_case = :use_case",
                ExpressionAttributeValues={":use_case": {"S": self._use_case}},
                ScanIndexForward=False,
                PaginationConfig={"MaxItems": limit},
            )
        )
        return [_record(item) for page in pages for item in page["Items"]]

    def of_execution(self, execution_arn: str) -> RunRecord | None:
        """The run whose present attempt an execution is, among the newest ones; None for a duplicate's."""
        return next((run for run in self.newest(200) if run.execution_arn == execution_arn), None)

    def enter(self, run_id: str, state: str) -> None:
        """Put a step on the timeline, once when the step is repeated."""
        moment = Moment(state=state, at=now())
        self._update(
            run_id,
            "SET #state = :state, updated_at = :now, timeline = list_append(timeline, :moment)",
            {":state": state, ":now": moment.at, ":moment": [moment.model_dump()]},
            {"#state": "state"},
            "attribute_exists(pk) AND #state <> :state",
        )

    def set(self, run_id: str, path: str | Sequence[str], value: Any) -> None:
        """Set one field, or one entry of a field that is a map (`("evaluations", "test")`).

        Raises:
            RunNotFound: when there is no such run.
        """
        steps = [path] if isinstance(path, str) else list(path)
        names = {f"#p{position}": step for position, step in enumerate(steps)}
        done = self._update(
            run_id,
            f"SET {'.'.join(names)} = :value, updated_at = :now",
            {":value": _plain(value), ":now": now()},
            names,
        )
        if not done:
            raise RunNotFound(f"no run {run_id!r} of use case {self._use_case!r} in table {self._table}")

    def note(self, run_id: str, text: str) -> None:
        """Add a remark for the reader of the record."""
        self._update(
            run_id,
            "SET notes = list_append(notes, :note), updated_at = :now",
            {":note": [text], ":now": now()},
        )

    def finish(
        self, run_id: str, status: Status, failure: BaseModel | None, execution_arn: str | None = None
    ) -> None:
        """Write the end of a run; with an execution, only if the run has not been taken over by another since."""
        owned = "attribute_exists(pk)" + (" AND execution_arn = :execution" if execution_arn else "")
        self._update(
            run_id,
            "SET #status = :status, failure = :failure, updated_at = :now",
            {
                ":status": status.value,
                ":failure": _plain(failure),
                ":now": now(),
                **({":execution": execution_arn} if execution_arn else {}),
            },
            {"#status": "status"},
            owned,
        )

    def link_job(self, job_name: str, run_id: str) -> None:
        """Remember whose job a name is."""
        item = {**self._job_key(job_name), "run_id": {"S": run_id}}
        client("dynamodb").put_item(TableName=self._table, Item=item)

    def run_of_job(self, job_name: str) -> str | None:
        """Run id of a job's name; None for a job that is not ours."""
        answer = client("dynamodb").get_item(
            TableName=self._table, Key=self._job_key(job_name), ConsistentRead=True
        )
        return answer["Item"]["run_id"]["S"] if "Item" in answer else None

    def _count_duplicate(self, run_id: str) -> RunRecord:
        answer = client("dynamodb").update_item(
            TableName=self._table,
            Key=self._key(run_id),
            UpdateExpression="ADD duplicates :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
            ReturnValues="ALL_NEW",
        )
        return _record(answer["Attributes"])

    def _put(self, record: RunRecord, *, instead_of: RunRecord | None) -> bool:
        """Put a new record, or one in place of another unless that has ended or changed hands since it was read."""
        condition, members = "attribute_not_exists(pk)", {}
        if instead_of is not None:
            condition = "attempt = :attempt AND execution_arn = :execution AND #status = :status"
            read = {
                ":attempt": instead_of.attempt,
                ":execution": instead_of.execution_arn,
                ":status": instead_of.status.value,
            }
            members = {
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": to_item(read),
            }
        return _won(
            client("dynamodb").put_item,
            TableName=self._table,
            Item={**self._key(record.run_id), **to_item(record.document())},
            ConditionExpression=condition,
            **members,
        )

    def _update(
        self,
        run_id: str,
        expression: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
        condition: str = "attribute_exists(pk)",
    ) -> bool:
        members: dict[str, Any] = {"ExpressionAttributeNames": dict(names)} if names else {}
        return _won(
            client("dynamodb").update_item,
            TableName=self._table,
            Key=self._key(run_id),
            UpdateExpression=expression,
            ConditionExpression=condition,
            ExpressionAttributeValues=to_item(values),
            **members,
        )

    def _key(self, run_id: str) -> dict[str, Any]:
        return {"pk": {"S": f"{self._use_case}#RUN#{run_id}"}, "sk": {"S": RECORD_SORT_KEY}}

    def _job_key(self, job_name: str) -> dict[str, Any]:
        return {"pk": {"S": f"{self._use_case}#JOB#{job_name}"}, "sk": {"S": JOB_SORT_KEY}}


def _left_behind(held: RunRecord) -> list[str]:
    """Names of jobs that dead executions have launched, or may have: nobody stopped them, so they are paid for."""
    if held.status is not Status.RUNNING:
        return []
    if held.job is not None:
        return [held.job.name]
    launched = any(moment.state == "LaunchTraining" for moment in held.timeline)
    own = UseCaseNames(held.environment, held.use_case).job(held.run_id, held.attempt)
    return [*held.adopts, *([own] if launched else [])]


def _won(call: Callable[..., Any], **members: Any) -> bool:
    try:
        call(**members)
    except Exception as error:
        if code_of(error) == _LOST:
            return False
        raise
    return True


def _record(item: Mapping[str, Any]) -> RunRecord:
    return RunRecord.model_validate(from_item(item))


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value
