"""Follows one execution of the workflow to its end and shows it, on a terminal or as plain lines."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from rich.console import Console
from rich.live import Live

from rft import aws, names
from rft.cli import curves, progress
from rft.cli.execution import ExecutionReader, ExecutionView
from rft.cli.phases import phases_of
from rft.errors import RunNotFound
from rft.runs.record import RunRecord
from rft.runs.store import RunStore

POLL_SECONDS: Final = 5.0  # on AWS; a rehearsal polls faster
REFRESH_PER_SECOND: Final = 10


class Display(Protocol):
    """Somewhere to show snapshots."""

    def show(self, snapshot: progress.Snapshot) -> None: ...

    def close(self, snapshot: progress.Snapshot) -> None: ...


class LiveDisplay:
    """Redraws the picture in place."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def show(self, snapshot: progress.Snapshot) -> None:
        self._live.update(progress.render(snapshot))

    def close(self, snapshot: progress.Snapshot) -> None:
        self.show(snapshot)


class SilentDisplay:
    """Shows nothing: for `--json`."""

    def show(self, snapshot: progress.Snapshot) -> None:
        """Ignore the snapshot."""

    def close(self, snapshot: progress.Snapshot) -> None:
        """Ignore the snapshot."""


@contextlib.contextmanager
def display(console: Console, *, silent: bool = False) -> Iterator[Display]:
    """The display that suits a console: live on a terminal, lines otherwise."""
    if silent:
        yield SilentDisplay()
    elif console.is_terminal:
        with Live(console=console, refresh_per_second=REFRESH_PER_SECOND, vertical_overflow="crop") as live:
            yield LiveDisplay(live)
    else:
        yield progress.PlainProgress(console)


@dataclass(frozen=True, slots=True)
class Followed:
    """How an execution ended; `record` is None when none was written."""

    view: ExecutionView
    record: RunRecord | None
    snapshot: progress.Snapshot


def follow(
    execution_arn: str,
    *,
    environment: names.EnvironmentNames,
    use_case: str,
    shown: Display,
    expected: Mapping[str, float] | None = None,
    poll_seconds: float = POLL_SECONDS,
    simulated: bool = False,
    while_waiting: Callable[[], None] = lambda: None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Followed:
    """Show an execution until it is over.

    `expected` has seconds by phase, of an earlier run. `while_waiting` runs between two looks, and may raise.
    """
    reader = ExecutionReader(aws.client("stepfunctions"), execution_arn)
    store = RunStore(environment.runs_table, use_case)
    log_group = names.UseCaseNames(environment.environment, use_case).log_group("reward")
    curve = curves.CurveReader(log_group)
    while True:
        view = reader.read()
        record = _record(store, view.run_id)
        snapshot = _snapshot(view, record, curve, expected or {}, simulated, clock(), use_case, environment)
        if view.is_over:
            shown.close(snapshot)
            return Followed(view, record, snapshot)
        shown.show(snapshot)
        while_waiting()
        time.sleep(poll_seconds)


def _snapshot(
    view: ExecutionView,
    record: RunRecord | None,
    curve: curves.CurveReader,
    expected: Mapping[str, float],
    simulated: bool,
    now: datetime,
    use_case: str,
    environment: names.EnvironmentNames,
) -> progress.Snapshot:
    name = f"{use_case} · {environment.environment} · run {view.run_id or '…'}"
    found = (
        curve.read(view.run_id, view.started)
        if record is not None and record.job is not None
        else curves.EMPTY
    )
    return progress.Snapshot(
        name,
        phases_of(view, now),
        view.seconds(now),
        expected,
        found.training,
        found.validation,
        found.points,
        record,
        simulated,
    )


def _record(store: RunStore, run_id: str) -> RunRecord | None:
    if not run_id:
        return None
    try:
        return store.get(run_id)
    except RunNotFound:
        return None


def find_execution(
    state_machine_arn: str,
    matches: Callable[[Mapping[str, Any]], bool],
    *,
    since: datetime,
    timeout_seconds: float,
) -> str | None:
    """ARN of the execution whose input (a JSON object) matches and that began at `since` or later; None after a while.

    EventBridge delivers the upload's event within seconds, as a rule.
    """
    client = aws.client("stepfunctions")
    seen: set[str] = set()
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        page = client.list_executions(stateMachineArn=state_machine_arn, maxResults=50)
        for execution in page["executions"]:
            arn = execution["executionArn"]
            if arn in seen or execution["startDate"] < since:
                continue
            seen.add(arn)
            if matches(json.loads(client.describe_execution(executionArn=arn)["input"])):
                return str(arn)
        time.sleep(min(1.0, timeout_seconds / 20))
    return None
