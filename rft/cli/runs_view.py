"""Finding and reading run records from the command line."""

from typing import Any, Final

from rft import names
from rft.cli import project
from rft.errors import RunNotFound
from rft.runs.record import RunRecord, Status
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
