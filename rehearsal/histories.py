"""Histories of a run's executions: how many events each has, which Step Functions limits to 25,000."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rft import aws
from rft.names import UseCaseNames
from rft.runs.record import RunRecord

LIMIT: Final = 25_000  # events of an execution (Step Functions quota)


@dataclass(frozen=True, slots=True)
class History:
    """One execution: its machine, its events, and seconds from begin to end."""

    machine: str
    events: int
    seconds: float


def histories(record: RunRecord, use_case: UseCaseNames) -> Iterator[History]:
    """The pipeline's execution of a run, then those of its evaluations and watches, oldest first."""
    yield _history("pipeline", record.execution_arn)
    prefix = (
        record.execution_arn.replace(":execution:", ":stateMachine:").rpartition(":")[0].rpartition(":")[0]
    )
    for label, name in (("evaluation", use_case.evaluation), ("watch", use_case.watch)):
        for arn in _started(f"{prefix}:{name}", record.run_id):
            yield _history(label, arn)


def _started(machine_arn: str, run_id: str) -> Iterator[str]:
    """Executions of a machine for a run, without the children of a Distributed Map, whose input has items."""
    client = aws.client("stepfunctions")
    listed = client.get_paginator("list_executions").paginate(stateMachineArn=machine_arn)
    for execution in reversed([item for page in listed for item in page["executions"]]):
        given = json.loads(client.describe_execution(executionArn=execution["executionArn"])["input"])
        if given.get("run_id") == run_id:
            yield execution["executionArn"]


def _history(machine: str, arn: str) -> History:
    client = aws.client("stepfunctions")
    described = client.describe_execution(executionArn=arn)
    pages = client.get_paginator("get_execution_history").paginate(executionArn=arn)
    events = sum(len(page["events"]) for page in pages)
    return History(machine, events, (described["stopDate"] - described["startDate"]).total_seconds())
