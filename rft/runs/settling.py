"""Waits until a deployment is neither created nor moved; Bedrock refuses changes before."""

import time
from typing import Final

from rft.engines.base import DeploymentState, TrainingEngine

SETTLE_SECONDS: Final = 120  # two deployments may have to settle within a function's 300
POLL_SECONDS: Final = 3.0
SETTLED: Final = frozenset({"Active", "Failed"})


def settled(engine: TrainingEngine, name: str) -> DeploymentState | None:
    """The deployment once it has settled, or as it is after so long; None when there is none."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        state = engine.find_deployment(name)
        if state is None or state.status in SETTLED or time.monotonic() > deadline:
            return state
        time.sleep(POLL_SECONDS)
