"""What became of an upload: a run of its own, or the news that the same content was trained before."""

import json
import time
from dataclasses import dataclass
from typing import Any, Final

from rft import aws
from rft.cli.execution import ExecutionReader

POLL_SECONDS: Final = 1.0
_REGISTERED: Final = ("ValidateDataset", "ScanDataset")


@dataclass(frozen=True, slots=True)
class Registered:
    """The run of an execution; `duplicate` when another execution owns it. `run_id` is empty when it has none."""

    run_id: str
    duplicate: bool


def registered(
    execution_arn: str, *, timeout_seconds: float, poll_seconds: float = POLL_SECONDS
) -> Registered:
    """Wait until RegisterRun has decided, or for so long."""
    client = aws.client("stepfunctions")
    reader, deadline = ExecutionReader(client, execution_arn), time.monotonic() + timeout_seconds
    while True:
        view = reader.read()
        if view.is_over:
            output: dict[str, Any] = json.loads(
                client.describe_execution(executionArn=execution_arn).get("output") or "{}"
            )
            return Registered(view.run_id, output.get("duplicate") is True)
        began = any(view.states[name].visits for name in _REGISTERED if name in view.states)
        if began or time.monotonic() > deadline:
            return Registered(view.run_id, duplicate=False)
        time.sleep(poll_seconds)
