"""Finding and reading run records from the command line."""

import time
from datetime import UTC, datetime
from typing import Any, Final

from rft import names
from rft.cli import project
from rft.errors import RunNotFound
from rft.runs import slots
from rft.runs.record import RunRecord, Status
from rft.runs.slot_queue import SlotQueue
from rft.runs.store import RunStore

SECRETS: Final = {
    "job_token": True,
    "approval": {"token"},
    "approvals": {"__all__": {"token"}},
}  # task tokens let their holder answer for others
LIVE: Final = (Status.RUNNING,)


def store(environment: names.EnvironmentNames, use_case: str) -> RunStore:
    """The records of one use case."""
    return RunStore(environment.runs_table, use_case)


def find(environment: names.EnvironmentNames, run: str, use_case: str | None) -> RunRecord:
    """A run by its id, or by the beginning of one.

    Raises:
        RunNotFound: when no run, or more than one, has that id.
    """
    searched = [use_case] if use_case else project.use_case_names()
    for name in searched:
        try:
            return store(environment, name).get(run)
        except RunNotFound:
            continue
    found = [
        record
        for name in searched
        for record in store(environment, name).newest()
        if record.run_id.startswith(run)
    ]
    if len(found) == 1:
        return found[0]
    problem = "no run has" if not found else f"{len(found)} runs have"
    raise RunNotFound(
        f"run {run!r}: {problem} that id in environment {environment.environment} "
        f"({', '.join(searched)}); see `rft runs list --env {environment.environment}`"
    )


def public(record: RunRecord) -> dict[str, Any]:
    """The record as it is printed: without task tokens."""
    document: dict[str, Any] = record.model_dump(mode="json", exclude=SECRETS)  # type: ignore[arg-type]
    return document


def training_slots(environment: names.EnvironmentNames) -> SlotQueue:
    """Who has the environment's training slots and who waits for one, now."""
    return slots.read(environment.runs_table, environment.training_slot, time.time())


def public_slots(queue: SlotQueue) -> dict[str, Any]:
    """The slots as they are printed; `slots` is None until a run has asked for one. Times are ISO 8601 in UTC."""
    return {
        "slots": queue.slots or None,
        "holders": [
            {
                "owner": lease.owner,
                "execution_arn": lease.execution,
                "since": _iso(lease.since),
                "lease_expires": _iso(lease.expires),
            }
            for lease in queue.holders
        ],
        "waiting": [
            {"owner": waiter.owner, "place": place, "since": _iso(waiter.since)}
            for place, waiter in enumerate(queue.in_turn, start=1)
        ],
    }


def slots_line(queue: SlotQueue) -> str:
    """One line on who has slots; empty until a run has asked for one."""
    if not queue.slots:
        return ""
    held = ", ".join(f"{lease.owner} since {_minute(lease.since)}" for lease in queue.holders)
    taken = f"{len(queue.holders)} of {queue.slots} training slots taken"
    return f"{taken}: {held}" if held else taken


def waits(queue: SlotQueue, record: RunRecord) -> str:
    """A run's place in the queue and since when it waits; empty for one that does not."""
    owner = f"{record.use_case}/{record.run_id}"
    for place, waiter in enumerate(queue.in_turn, start=1):
        if waiter.owner == owner:
            return f"number {place} in the queue since {_minute(waiter.since)}"
    return ""


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _minute(seconds: int) -> str:
    return _iso(seconds)[:16].replace("T", " ")
