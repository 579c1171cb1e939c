"""Scenarios of several uploads: a crash and a restart, one dataset twenty times, three runs for two slots."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rehearsal.stage import Stage
from rft import aws
from rft.cli import runs_view
from rft.cli.follow import Followed
from rft.runs.record import RunRecord, Status
from rft.runs.store import RunStore
from rft.runs.upload import Upload

UPLOADS: Final = 20
SETTLE_SECONDS: Final = 240.0
Glance = Callable[[], None]


@dataclass(slots=True)
class Drill:
    """What a scenario of several uploads works with; it adds to `problems` whatever is not as it must be.

    `send` uploads files under a dataset's name, `watch` follows the run of an upload while it calls a function between
    two looks.
    """

    stage: Stage
    use_case: str
    files: Mapping[str, Path]
    send: Callable[[str, Mapping[str, Path]], Upload]
    watch: Callable[[Upload, Glance], Followed]
    variants: Callable[[int], list[Mapping[str, Path]]]
    problems: list[str] = field(default_factory=list)

    @property
    def store(self) -> RunStore:
        return runs_view.store(self.stage.names, self.use_case)

    def require(self, holds: bool, problem: str) -> None:
        """Note a problem unless something holds."""
        if not holds:
            self.problems.append(problem)

    def jobs(self, run_id: str = "") -> list[dict[str, Any]]:
        """Customization jobs of a run, or all of them."""
        given = {"nameContains": run_id} if run_id else {}
        answer = aws.client("bedrock").list_model_customization_jobs(**given)
        found: list[dict[str, Any]] = answer["modelCustomizationJobSummaries"]
        return found

    def wait(self, holds: Callable[[], bool], problem: str) -> None:
        """Wait until something holds, or note the problem."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                self.problems.append(problem)
                return
            time.sleep(0.25)


def crash_after_launch(drill: Drill) -> Followed:
    """Stop the execution as soon as Bedrock has the job, upload again, and follow the restart."""

    def crash() -> None:
        for record in drill.store.newest(1):
            if record.attempt == 1 and record.status is Status.RUNNING and record.job is not None:
                aws.client("stepfunctions").stop_execution(
                    executionArn=record.execution_arn, error="Rehearsal", cause="crash after the launch"
                )

    crashed = drill.watch(drill.send("crash", drill.files), crash)
    drill.require(crashed.view.status == "ABORTED", f"the first execution ended as {crashed.view.status}")
    ended = drill.watch(drill.send("crash", drill.files), lambda: None)
    record = ended.record
    if record is not None:
        drill.require(record.attempt == 2, f"the restart is attempt {record.attempt}")
        jobs = drill.jobs(record.run_id)
        drill.require(len(jobs) == 1, f"{len(jobs)} jobs exist for the run")
        drill.require(
            record.job is not None and [record.job.name] == [job["jobName"] for job in jobs],
            "the restart did not adopt the job",
        )
    return ended


def duplicate_upload(drill: Drill) -> Followed:
    """Upload the same files many times at once; one run trains, all others say that it exists."""
    with ThreadPoolExecutor(UPLOADS) as pool:
        uploads = list(pool.map(lambda _: drill.send("duplicate", drill.files), range(UPLOADS)))
    drill.wait(lambda: bool(drill.store.newest(1)), "no run was registered")
    ended = drill.watch(uploads[0], lambda: None)
    run_id = ended.view.run_id

    def record() -> RunRecord:
        return drill.store.get(run_id)

    drill.wait(lambda: record().duplicates == UPLOADS - 1, f"not {UPLOADS - 1} duplicates were counted")
    drill.wait(lambda: record().status is not Status.RUNNING, "the run did not end")
    jobs = drill.jobs(run_id)
    drill.require(len(jobs) == 1, f"{len(jobs)} jobs exist for the run")
    return Followed(ended.view, record(), ended.snapshot)


def quota_full(drill: Drill) -> Followed:
    """Start three runs for two slots; no more than two train at a time, and all end."""
    busiest, waited = 0, 0

    def look() -> None:
        nonlocal busiest, waited
        busiest = max(busiest, sum(job["status"] == "InProgress" for job in drill.jobs()))
        waited = max(waited, len(runs_view.training_slots(drill.stage.names).waiters))

    uploads = [
        drill.send(f"quota-{number}", files) for number, files in enumerate(drill.variants(3), start=1)
    ]
    followed = [drill.watch(one, look) for one in uploads]
    for one in followed:
        status = one.record.status if one.record else one.view.status
        drill.require(status in {Status.SUCCEEDED, Status.HELD}, f"run {one.view.run_id} ended as {status}")
    drill.require(busiest == 2, f"{busiest} jobs ran at the same time, expected 2")
    drill.require(waited >= 1, "nobody waited for a slot")
    return followed[-1]
