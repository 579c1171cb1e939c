"""What injected faults do to a job while it trains, the same with either engine."""

import threading
from collections.abc import Callable
from typing import Any, Final

from rehearsal.bedrock.clock import Clock
from rehearsal.bedrock.errors import JobFailedError
from rehearsal.bedrock.faults import FaultTable
from rehearsal.bedrock.grader import Grader
from rehearsal.bedrock.policy import Policy
from rehearsal.bedrock.shortcut import Shortcut
from rehearsal.bedrock.strategies import STRATEGIES
from rehearsal.bedrock.trainer import DEFAULTS, Hooks

SAMPLES: Final = "trainingSamplePerPrompt"
NEEDS_RESULT: Final = 0.5  # of the difficulty that a strategy feels: those that get the result right


class StoppedError(Exception):
    """The customer asked for the job's end."""


class Disturbance:
    """The faults of one job."""

    def __init__(self, faults: FaultTable, clock: Clock, stop_requested: threading.Event) -> None:
        self._faults, self._clock, self._stop_requested = faults, clock, stop_requested

    def wait(self, simulated_seconds: float) -> None:
        """Let time pass.

        Raises:
            StoppedError: when the job's end was asked for meanwhile.
        """
        if self._stop_requested.wait(self._clock.real_seconds(simulated_seconds)):
            raise StoppedError

    def hooks(self, after_step: Callable[[int], None]) -> Hooks:
        shortcut = self._faults.get("shortcut")
        return Hooks(
            after_step=after_step,
            frozen=self._faults.get("no_improvement") is not None,
            collapse=self._faults.get("entropy_collapse"),
            shortcut=Shortcut(int(shortcut["step"]), float(shortcut["share_per_step"])) if shortcut else None,
        )

    def asked_for(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The hyperparameters that are in force in the place of those that were given."""
        more = self._faults.get("more_rollouts")
        if not more:
            return parameters
        return {**parameters, SAMPLES: int({**DEFAULTS, **parameters}[SAMPLES]) * int(more["factor"])}

    def after_step(self, step: int, grader: Grader) -> None:
        """Do what the faults want done between a step and the next.

        Raises:
            StoppedError: when the job's end was asked for meanwhile.
            JobFailedError: when the job is to fail here.
        """
        broken, stalled = self._faults.get("break_samples"), self._faults.get("stall")
        grader.without_references = broken is not None and step >= int(broken["step"])
        if stalled and step >= int(stalled["step"]):
            self._stop_requested.wait()
        slow = self._faults.get("slow_job")
        self.wait(float(slow["seconds_per_step"]) if slow else 0.0)
        failing = self._faults.get("fail_job")
        if failing and step >= int(failing["step"]):
            raise JobFailedError(f"Training failed at step {step} (injected by the rehearsal).")

    def kept(self, policy: Policy, step: int) -> Policy:
        """The policy as a model of this step has it: worse on prompts it never saw once it overfits to the others."""
        kept = policy.copy()
        for fault in ("overfit", "shortcut"):
            given = self._faults.get(fault)
            lost = float(given["strength"]) * max(0, step - int(given["step"])) if given else 0.0
            for weights, (_, _, felt) in zip(kept.weights, STRATEGIES, strict=True):
                weights[0] -= lost if felt > NEEDS_RESULT else 0.0
        return kept
