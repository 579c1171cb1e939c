"""The simulated Bedrock as the emulator mounts it: a control plane and a runtime over one state."""

import json
import logging
import os
import threading
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from rehearsal.bedrock import admin
from rehearsal.bedrock.clock import Clock
from rehearsal.bedrock.converse import Runtime
from rehearsal.bedrock.deployments import Deployments
from rehearsal.bedrock.errors import ServiceError, place
from rehearsal.bedrock.faults import ENVIRONMENT_VARIABLE, FaultTable
from rehearsal.bedrock.invocation_log import InvocationLog
from rehearsal.bedrock.jobs import Jobs
from rehearsal.bedrock.knowledge import Knowledge
from rehearsal.bedrock.mantle import Mantle
from rehearsal.bedrock.models import Models, Tags
from rehearsal.bedrock.port import Port, Scope
from rehearsal.bedrock.runner import Runner
from rehearsal.bedrock.store import Job, Store
from rehearsal.bedrock.wire import Response, Wire

Operation = Callable[[Scope, dict[str, Any]], dict[str, Any]]
_LOG = logging.getLogger(__name__)


class Bedrock:
    """One simulated Bedrock: its state, its operations, its faults."""

    def __init__(self, port: Port, faults: str | Mapping[str, Any] | None = None) -> None:
        self.port = port
        self.faults = FaultTable(faults)
        self.store = Store()
        self.knowledge = Knowledge(port.jsonl_objects)
        clock = Clock(port.wait_scale)
        self._runner = Runner(self.store, port, clock, self.faults)
        jobs = Jobs(self.store, self._start, self._runner.changed)
        models, tags = Models(self.store), Tags(self.store)
        deployments = Deployments(self.store, clock, self.faults)
        self.runtime = Runtime(self.store, deployments, self.knowledge, self.faults)
        self.mantle = Mantle(port, self.runtime, clock, self.faults)
        self.operations: dict[str, Operation] = {
            "CreateModelCustomizationJob": jobs.create,
            "GetModelCustomizationJob": jobs.get,
            "ListModelCustomizationJobs": jobs.list,
            "StopModelCustomizationJob": jobs.stop,
            "GetCustomModel": models.get,
            "ListCustomModels": models.list,
            "DeleteCustomModel": models.delete,
            "CreateCustomModelDeployment": deployments.create,
            "GetCustomModelDeployment": deployments.get,
            "ListCustomModelDeployments": deployments.list,
            "UpdateCustomModelDeployment": deployments.update,
            "DeleteCustomModelDeployment": deployments.delete,
            "TagResource": tags.add,
            "UntagResource": tags.remove,
            "ListTagsForResource": tags.list,
        }
        self.log = InvocationLog(port)
        self.operations |= {
            "PutModelInvocationLoggingConfiguration": self.log.put,
            "GetModelInvocationLoggingConfiguration": self.log.get,
            "DeleteModelInvocationLoggingConfiguration": self.log.delete,
        }
        self.runtime_operations: dict[str, Operation] = {"Converse": self._converse}

    def _converse(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        answer = self.runtime.converse(scope, params)
        self.log.record(scope, params, answer)
        return answer

    def _start(self, job: Job) -> None:
        threading.Thread(
            target=self._runner.run, args=(job,), name=f"job-{job.identity}", daemon=True
        ).start()

    def flush_events(self) -> None:
        """Wait until every event so far is delivered."""
        self._runner.announcer.flush()

    def reset(self) -> None:
        """Forget everything but the faults; running jobs stop."""
        self.store.clear()
        self.knowledge.clear()
        self.mantle.clear()
        self.runtime.clear()
        self.log.clear()


class Endpoint:
    """What the emulator calls: one botocore service over a Bedrock. Has a MiniStack module's functions."""

    def __init__(self, service: str, bedrock: Bedrock, operations: Mapping[str, Operation]) -> None:
        self._wire = Wire(service)
        self._bedrock = bedrock
        self._operations = operations

    async def handle_request(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> Response:
        """Answer one HTTP request: `(status, headers, body)`."""
        return self.answer(method, path, body or b"", query)

    def answer(self, method: str, path: str, body: bytes, query: Mapping[str, Any] | None = None) -> Response:
        """Answer one HTTP request, synchronously."""
        try:
            if path == admin.PATH:
                return self._admin(method, body)
            name, params = self._wire.parse(method, path, query, body)
            operation = self._operations.get(name)
            if operation is None:
                raise ServiceError("UnknownOperationException", f"the simulated Bedrock does not know {name}")
            self._bedrock.faults.before(name)
            scope = self._bedrock.port.scope()
            if name == "Converse":
                return self._wire.respond(name, operation(scope, params))
            with self._bedrock.store.lock:
                return self._wire.respond(name, operation(scope, params))
        except ServiceError as error:
            return self._wire.fail(error)
        except Exception as error:  # noqa: BLE001 - the emulator would drop the connection
            _LOG.error("the simulated Bedrock failed to answer: %s", place(error))
            return self._wire.fail(ServiceError("InternalServerException", place(error)))

    def _admin(self, method: str, body: bytes) -> Response:
        if method == "POST":
            try:
                settings = json.loads(body or b"{}")
            except ValueError:
                raise ServiceError("ValidationException", "faults: the body is not JSON") from None
            self._bedrock.faults.set(settings)
        result = {"active": self._bedrock.faults.describe(), "known": admin.descriptions()}
        return 200, {"Content-Type": "application/json"}, json.dumps(result).encode()

    def get_state(self) -> dict[str, Any]:
        """Nothing is persisted: trainings do not survive the process."""
        return {}

    def load_persisted_state(self, data: Any) -> None:
        """Accepts and ignores what `get_state` returned."""

    restore_state = load_persisted_state

    def reset(self) -> None:
        self._bedrock.reset()


@lru_cache(maxsize=1)
def bedrock() -> Bedrock:
    """The process's one simulated Bedrock, on the real emulator, with the faults of the environment."""
    from rehearsal.bedrock.ministack_port import MinistackPort

    return Bedrock(MinistackPort(), os.environ.get(ENVIRONMENT_VARIABLE))


def control_plane() -> Endpoint:
    """The `bedrock` service for the emulator."""
    return Endpoint("bedrock", bedrock(), bedrock().operations)


def runtime() -> Endpoint:
    """The `bedrock-runtime` service for the emulator."""
    return Endpoint("bedrock-runtime", bedrock(), bedrock().runtime_operations)
