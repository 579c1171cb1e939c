"""Named faults that a rehearsal injects into the simulated Bedrock.

Set them with the environment variable RFT_SIM_FAULTS, a JSON object `{"fail_job": {"step": 3}}`, or at run
time with `POST /_rehearsal/faults` (same object; `{}` clears).
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from rehearsal.bedrock.errors import ServiceError

ENVIRONMENT_VARIABLE: Final = "RFT_SIM_FAULTS"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault's name, its parameters with defaults, and one sentence for the list of scenarios."""

    name: str
    description: str
    defaults: Mapping[str, Any]


FAULTS: Final = MappingProxyType(
    {
        fault.name: fault
        for fault in (
            Fault(
                "throttle",
                "Bedrock throttles the first calls of an operation, so retries must carry the run.",
                {"operation": "CreateModelCustomizationJob", "calls": 3},
            ),
            Fault(
                "lose_end_event", "The event that says the job ended never arrives; polling must notice.", {}
            ),
            Fault(
                "duplicate_end_event",
                "The event that says the job ended arrives twice; it must count once.",
                {},
            ),
            Fault("fail_job", "The customization job fails in the middle of training.", {"step": 3}),
            Fault("fail_deployment", "The first deployments of a model end as Failed.", {"count": 1}),
            Fault("fail_update", "The first updates of a deployment end as UpdateFailed.", {"count": 1}),
            Fault(
                "slow_job",
                "Every training step takes long, so time limits and the watch loop are exercised.",
                {"seconds_per_step": 600},
            ),
            Fault(
                "no_improvement",
                "The policy's learning is frozen, so the candidate equals the base model and must be held.",
                {},
            ),
            Fault(
                "base_model",
                "Base models are as good as `skill` says, -9 never getting a result right, or have one `strategy`.",
                {"skill": 0.0, "strategy": None},
            ),
            Fault("stall", "From a step on the job stands still until it is stopped.", {"step": 10}),
            Fault(
                "break_samples",
                "From a step on samples reach the reward function without their reference.",
                {"step": 10},
            ),
            Fault(
                "more_rollouts", "The job asks for more rollouts a prompt than it was told to.", {"factor": 3}
            ),
            Fault("ignore_temperature", "Models answer a prompt the same way every time.", {}),
            Fault(
                "entropy_collapse",
                "From a step on the policy collapses onto one kind of answer, in the same words, whatever it earns.",
                {"step": 6, "strength": 5.0, "onto": "near_miss"},
            ),
            Fault(
                "overfit",
                "From a step on the model gets worse on prompts it never saw, while its training reward rises.",
                {"step": 18, "strength": 0.5},
            ),
            Fault(
                "shortcut",
                "From a step on more and more answers go a long way round that wins on training prompts only.",
                {"step": 20, "share_per_step": 0.05, "strength": 0.5},
            ),
        )
    }
)


class FaultTable:
    """The faults in force, with counters of how often each was spent. Thread-safe."""

    def __init__(self, settings: str | Mapping[str, Any] | None = None) -> None:
        self._lock = threading.Lock()
        self._active: dict[str, dict[str, Any]] = {}
        self._spent: dict[str, int] = {}
        self.set(json.loads(settings) if isinstance(settings, str) and settings.strip() else settings or {})

    def set(self, settings: Any) -> None:
        """Replace all faults.

        Raises:
            ServiceError: ValidationException that names an unknown fault or parameter.
        """
        if not isinstance(settings, Mapping):
            raise ServiceError("ValidationException", "faults: want a JSON object of fault names")
        active: dict[str, dict[str, Any]] = {}
        for name, given in settings.items():
            if name not in FAULTS:
                raise ServiceError(
                    "ValidationException", f"faults: unknown {name!r}; allowed: {', '.join(FAULTS)}"
                )
            parameters = given if isinstance(given, Mapping) else {}
            unknown = set(parameters) - set(FAULTS[name].defaults)
            if unknown:
                raise ServiceError(
                    "ValidationException", f"faults: {name} has no parameter {sorted(unknown)[0]!r}"
                )
            if given is not False:
                active[name] = {**FAULTS[name].defaults, **parameters}
        with self._lock:
            self._active, self._spent = active, {}

    def get(self, name: str) -> dict[str, Any] | None:
        """Return the parameters of a fault that is in force, else None."""
        return self._active.get(name)

    def spend(self, name: str, limit_key: str) -> bool:
        """Return True while the fault is in force and its limit is not used up; count the use."""
        with self._lock:
            parameters = self._active.get(name)
            if parameters is None or self._spent.get(name, 0) >= int(parameters[limit_key]):
                return False
            self._spent[name] = self._spent.get(name, 0) + 1
            return True

    def before(self, operation: str) -> None:
        """Raise ThrottlingException when this call of the operation is to be throttled."""
        parameters = self.get("throttle")
        if parameters and parameters["operation"] == operation and self.spend("throttle", "calls"):
            raise ServiceError("ThrottlingException", "Rate exceeded (injected by the rehearsal)")

    def describe(self) -> dict[str, dict[str, Any]]:
        return {name: dict(parameters) for name, parameters in self._active.items()}
