"""What the simulated endpoint remembers."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from rehearsal.bedrock.mantle.wire import Caller, MantleError
from rehearsal.bedrock.policy import Policy
from rehearsal.bedrock.port import Scope
from rehearsal.bedrock.store import new_id


def new_name(prefix: str) -> str:
    return f"{prefix}-{new_id()}{new_id()}"


def seconds_now() -> int:
    return int(time.time())


@dataclass(slots=True)
class File:
    """An uploaded file."""

    scope: Scope
    name: str
    purpose: str
    data: bytes = field(repr=False)
    identity: str = field(default_factory=lambda: new_name("file"))
    created: int = field(default_factory=seconds_now)

    def document(self) -> dict[str, Any]:
        return {
            "id": self.identity,
            "object": "file",
            "bytes": len(self.data),
            "created_at": self.created,
            "filename": self.name,
            "purpose": self.purpose,
            "status": "processed",
        }


@dataclass(slots=True)
class FineTuningJob:
    """A job; events and checkpoints are in the order in which they came."""

    caller: Caller
    request: dict[str, Any]
    data: bytes = field(repr=False)
    identity: str = field(default_factory=lambda: new_name("ftjob"))
    status: str = "validating_files"
    created: int = field(default_factory=seconds_now)
    finished: int | None = None
    model: str | None = None
    failure: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    checkpoints: list[dict[str, Any]] = field(default_factory=list)
    stop_requested: threading.Event = field(default_factory=threading.Event)

    @property
    def is_over(self) -> bool:
        return self.status in {"succeeded", "failed", "cancelled"}

    def tell(self, message: str, level: str = "info", data: dict[str, Any] | None = None) -> None:
        """Add an event; one with data is of the type `metrics`."""
        self.events.append(
            {
                "id": new_name("ftevent"),
                "object": "fine_tuning.job.event",
                "created_at": seconds_now(),
                "level": level,
                "message": message,
                "type": "message" if data is None else "metrics",
                "data": data or {},
            }
        )

    def document(self) -> dict[str, Any]:
        error = {"code": "job_failed", "message": self.failure, "param": None}
        return {
            "id": self.identity,
            "object": "fine_tuning.job",
            "created_at": self.created,
            "finished_at": self.finished,
            "status": self.status,
            "model": self.request["model"],
            "fine_tuned_model": self.model,
            "training_file": self.request["training_file"],
            "method": self.request["method"],
            "metadata": self.request.get("metadata"),
            "error": error if self.failure else None,
            "organization_id": self.caller.scope.account,
            "result_files": [],
            "seed": 0,
            "hyperparameters": {},
        }


class MantleStore:
    """Files, jobs and models of all accounts. Hold `lock` for every compound change."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.files: dict[str, File] = {}
        self.jobs: dict[str, FineTuningJob] = {}
        self.models: dict[str, tuple[Scope, Policy]] = {}

    def clear(self) -> None:
        """Forget everything; running jobs are asked to stop."""
        with self.lock:
            for job in self.jobs.values():
                job.stop_requested.set()
            self.files.clear()
            self.jobs.clear()
            self.models.clear()

    def file(self, scope: Scope, identity: str) -> File:
        found = self.files.get(identity)
        if found is None or found.scope != scope:
            raise MantleError(404, f"No such file: {identity}")
        return found

    def job(self, scope: Scope, identity: str) -> FineTuningJob:
        found = self.jobs.get(identity)
        if found is None or found.caller.scope != scope:
            raise MantleError(404, f"No such fine-tuning job: {identity}")
        return found

    def policy(self, scope: Scope, model_id: str) -> Policy | None:
        """The policy of a fine-tuned model or checkpoint, None when there is none of that id."""
        where, policy = self.models.get(model_id, (None, None))
        return policy if where == scope else None
