"""The endpoint as the emulator mounts it: routes, and the IAM checks of each."""

import logging
import re
from collections.abc import Callable
from typing import Any, Final

from rehearsal.bedrock.clock import Clock
from rehearsal.bedrock.converse import Runtime
from rehearsal.bedrock.errors import ServiceError, place
from rehearsal.bedrock.faults import FaultTable
from rehearsal.bedrock.mantle.chat import Chat
from rehearsal.bedrock.mantle.jobs import Files, FineTuningJobs
from rehearsal.bedrock.mantle.store import MantleStore
from rehearsal.bedrock.mantle.training import MantleRunner
from rehearsal.bedrock.mantle.wire import Caller, MantleError, Request, Response, answer, failure
from rehearsal.bedrock.port import Port, Scope

PREFIX: Final = "bedrock-mantle"
_JOB: Final = r"/fine_tuning/jobs/([^/]+)"
_LOG = logging.getLogger(__name__)


class Mantle:
    """One simulated endpoint; thread-safe."""

    def __init__(self, port: Port, runtime: Runtime, clock: Clock, faults: FaultTable) -> None:
        self._port, self._faults = port, faults
        self.store = MantleStore()
        runner = MantleRunner(self.store, port, clock, faults)
        files, chat = Files(self.store), Chat(self.store, runtime)
        jobs = FineTuningJobs(self.store, runner.run)
        # Events and checkpoints have no action of their own (service authorization reference).
        self._routes: tuple[tuple[str, str, str, Callable[..., dict[str, Any]]], ...] = (
            ("POST", "/files", "CreateFile", files.create),
            ("GET", "/files", "ListFiles", files.list),
            ("GET", "/files/([^/]+)", "GetFile", files.get),
            ("POST", "/fine_tuning/jobs", "CreateFineTuningJob", jobs.create),
            ("GET", "/fine_tuning/jobs", "ListFineTuningJobs", jobs.list),
            ("GET", _JOB, "GetFineTuningJob", jobs.get),
            ("GET", f"{_JOB}/events", "GetFineTuningJob", jobs.events),
            ("GET", f"{_JOB}/checkpoints", "GetFineTuningJob", jobs.checkpoints),
            ("POST", f"{_JOB}/cancel", "CancelFineTuningJob", jobs.cancel),
            ("GET", "/models", "ListModels", chat.models),
            ("POST", "/chat/completions", "CreateInference", chat.complete),
        )

    def clear(self) -> None:
        self.store.clear()

    def handle(self, request: Request, scope: Scope, key: str, by_token: bool) -> Response:
        """Answer one request of whoever holds the access key."""
        try:
            for method, path, action, operation in self._routes:
                match = re.fullmatch(path, request.path) if method == request.method else None
                if match:
                    caller = Caller(scope, key, by_token)
                    self._check(caller, action)
                    self._faults.before(action)
                    return answer(operation(caller, request, *match.groups()))
            raise MantleError(404, f"no operation for {request.method} {request.path}")
        except MantleError as error:
            return failure(error)
        except ServiceError as error:  # what an injected throttling raises
            return failure(MantleError(429, error.message))
        except Exception as error:  # noqa: BLE001 - the emulator would drop the connection
            _LOG.error("the simulated endpoint failed to answer: %s", place(error))
            return failure(MantleError(500, place(error)))

    def _check(self, caller: Caller, action: str) -> None:
        project = f"arn:aws:{PREFIX}:{caller.scope.region}:{caller.scope.account}:project/default"
        needed = [(action, project), *([("CallWithBearerToken", "*")] if caller.by_token else [])]
        for name, resource in needed:
            refused = self._port.refusal(caller.scope, caller.access_key, f"{PREFIX}:{name}", resource)
            if refused is not None:
                raise MantleError(403, refused)
