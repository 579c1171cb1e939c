"""What the simulated service remembers."""

import copy
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from rehearsal.bedrock.clock import now
from rehearsal.bedrock.errors import ServiceError, missing
from rehearsal.bedrock.policy import Policy
from rehearsal.bedrock.port import Scope

_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz0123456789"


def new_id() -> str:
    """Twelve lower-case letters and digits, as in the service's ARNs."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


@dataclass(slots=True)
class Job:
    """A model customization job; `request` is what created it."""

    arn: str
    identity: str
    scope: Scope
    request: dict[str, Any]
    base_model_arn: str
    status: str = "InProgress"
    failure_message: str | None = None
    created: datetime = field(default_factory=now)
    modified: datetime = field(default_factory=now)
    ended: datetime | None = None
    model_arn: str | None = None
    phases: dict[str, str] = field(default_factory=dict)
    stop_requested: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        return str(self.request["jobName"])


@dataclass(slots=True)
class Model:
    """A custom model and its trained policy."""

    arn: str
    name: str
    scope: Scope
    job: Job
    policy: Policy
    created: datetime = field(default_factory=now)


@dataclass(slots=True)
class Deployment:
    """An on-demand deployment; `active_at` and `warm_at` are moments on the monotonic clock."""

    arn: str
    name: str
    scope: Scope
    model_arn: str
    description: str | None
    active_at: float
    warm_at: float
    will_fail: bool = False
    status: str = "Creating"
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)
    update_model_arn: str | None = None
    update_status: str | None = None
    update_at: float = 0.0
    update_will_fail: bool = False


class Store:
    """All resources of all accounts, by ARN. Hold `lock` for every compound change."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.jobs: dict[str, Job] = {}
        self.models: dict[str, Model] = {}
        self.deployments: dict[str, Deployment] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self._tokens: dict[tuple[Scope, str, str], tuple[dict[str, Any], str]] = {}

    def clear(self) -> None:
        """Forget everything; running jobs are asked to stop."""
        with self.lock:
            for job in self.jobs.values():
                job.stop_requested.set()
            self.jobs.clear()
            self.models.clear()
            self.deployments.clear()
            self.tags.clear()
            self._tokens.clear()

    def once(self, scope: Scope, operation: str, params: dict[str, Any], create: Callable[[], str]) -> str:
        """Run `create` unless the client token was seen: then return the ARN it made.

        Raises:
            ServiceError: ConflictException when the token came with other parameters.
        """
        token = params.get("clientRequestToken")
        if not token:
            return create()
        place = (scope, operation, token)
        known = self._tokens.get(place)
        if known is None:
            arn = create()
            self._tokens[place] = (copy.deepcopy(params), arn)
            return arn
        if known[0] != params:
            raise ServiceError(
                "ConflictException", "clientRequestToken was used with other parameters; use another"
            )
        return known[1]

    def tag(self, arn: str, tags: list[dict[str, str]] | None) -> None:
        self.tags.setdefault(arn, {}).update({tag["key"]: tag["value"] for tag in tags or []})

    def job(self, scope: Scope, identifier: str) -> Job:
        """Find a job by ARN, id or name."""
        for job in self.jobs.values():
            if job.scope == scope and identifier in (job.arn, job.identity, job.name):
                return job
        raise missing("the model customization job")

    def model(self, scope: Scope, identifier: str) -> Model:
        """Find a custom model by ARN or name."""
        for model in self.models.values():
            if model.scope == scope and identifier in (model.arn, model.name):
                return model
        raise missing("the custom model")

    def deployment(self, scope: Scope, identifier: str) -> Deployment:
        """Find a deployment by ARN or name."""
        for deployment in self.deployments.values():
            if deployment.scope == scope and identifier in (deployment.arn, deployment.name):
                return deployment
        raise missing("the custom model deployment")
