"""Files and fine-tuning jobs: what the endpoint accepts."""

import threading
from collections.abc import Callable
from typing import Any, Final

from rehearsal.bedrock.mantle.store import File, FineTuningJob, MantleStore
from rehearsal.bedrock.mantle.wire import Caller, MantleError, Request, page, read_form
from rft.catalogue import MODELS

MAX_METADATA: Final = 16
HYPERPARAMETERS: Final[dict[str, type[int] | type[float]]] = {
    "n_epochs": int,
    "batch_size": int,
    "learning_rate_multiplier": float,
}
MEMBERS: Final = frozenset({"model", "training_file", "method", "metadata"})


class Files:
    """The Files API."""

    def __init__(self, store: MantleStore) -> None:
        self._store = store

    def create(self, caller: Caller, request: Request) -> dict[str, Any]:
        form = read_form(request)
        purpose = form.get("purpose", ("", b""))[1].decode()
        if purpose != "fine-tune":
            raise MantleError(400, f"purpose: {purpose!r} is not known; allowed: fine-tune")
        name, data = form.get("file", ("", b""))
        if not name or not data:
            raise MantleError(400, "file: missing or empty")
        file = File(caller.scope, name, purpose, data)
        self._store.files[file.identity] = file
        return file.document()

    def list(self, caller: Caller, request: Request) -> dict[str, Any]:
        wanted = request.query.get("purpose")
        rows = [
            file.document()
            for file in reversed(self._store.files.values())
            if file.scope == caller.scope and wanted in (None, file.purpose)
        ]
        return page(rows, request.query)

    def get(self, caller: Caller, request: Request, identity: str) -> dict[str, Any]:
        return self._store.file(caller.scope, identity).document()


class FineTuningJobs:
    """The fine-tuning API; `run` carries a job to its end."""

    def __init__(self, store: MantleStore, run: Callable[[FineTuningJob], None]) -> None:
        self._store, self._run = store, run

    def create(self, caller: Caller, request: Request) -> dict[str, Any]:
        body = request.json()
        check(body)
        file = self._store.file(caller.scope, body["training_file"])
        job = FineTuningJob(caller, body, file.data)
        self._store.jobs[job.identity] = job
        threading.Thread(target=self._run, args=(job,), name=f"job-{job.identity}", daemon=True).start()
        return job.document()

    def list(self, caller: Caller, request: Request) -> dict[str, Any]:
        mine = [job for job in reversed(self._store.jobs.values()) if job.caller.scope == caller.scope]
        return page([job.document() for job in mine], request.query)

    def get(self, caller: Caller, request: Request, identity: str) -> dict[str, Any]:
        return self._store.job(caller.scope, identity).document()

    def events(self, caller: Caller, request: Request, identity: str) -> dict[str, Any]:
        return page(self._store.job(caller.scope, identity).events[::-1], request.query)

    def checkpoints(self, caller: Caller, request: Request, identity: str) -> dict[str, Any]:
        return page(self._store.job(caller.scope, identity).checkpoints[::-1], request.query)

    def cancel(self, caller: Caller, request: Request, identity: str) -> dict[str, Any]:
        job = self._store.job(caller.scope, identity)
        if job.is_over:
            raise MantleError(400, f"The job is {job.status} and can no longer be cancelled.")
        job.stop_requested.set()
        return job.document()


def check(body: dict[str, Any]) -> None:
    """Compare a job's request with what AWS documents.

    Raises:
        MantleError: 400 naming the first member that does not fit.
    """
    unknown = sorted(set(body) - MEMBERS)
    if unknown:
        raise MantleError(400, f"{unknown[0]}: not supported")
    model = MODELS.get(str(body.get("model")))
    if model is None or model.engine != "mantle":
        raise MantleError(400, f"model: {body.get('model')!r} cannot be fine-tuned with this API")
    if not isinstance(body.get("training_file"), str):
        raise MantleError(400, "training_file: required")
    if len(body.get("metadata") or {}) > MAX_METADATA:
        raise MantleError(400, f"metadata: more than {MAX_METADATA} pairs")
    _check_method(body.get("method"))


def _check_method(method: Any) -> None:
    if not isinstance(method, dict) or method.get("type") != "reinforcement":
        raise MantleError(400, "method.type: the rehearsal knows reinforcement only")
    details = method.get("reinforcement")
    grader = details.get("grader") if isinstance(details, dict) else None
    if not isinstance(details, dict) or not isinstance(grader, dict) or grader.get("type") != "lambda":
        raise MantleError(400, "method.reinforcement.grader.type: must be lambda")
    if ":function:" not in str((grader.get("lambda") or {}).get("function", "")):
        raise MantleError(400, "method.reinforcement.grader.lambda.function: must be a function's ARN")
    for name, value in (details.get("hyperparameters") or {}).items():
        kind = HYPERPARAMETERS.get(name)
        if kind is None:
            raise MantleError(400, f"method.reinforcement.hyperparameters.{name}: not supported")
        if isinstance(value, bool) or not isinstance(value, int | kind) or value <= 0:
            raise MantleError(400, f"method.reinforcement.hyperparameters.{name}: {value!r} is not allowed")
