"""Whether a stopped job's checkpoints are of use to its run: the best of them goes to the gate in the model's place."""

from typing import Final

from rft.engines.base import Capabilities
from rft.monitoring.policy.job import BROKEN_REWARD, BUDGET
from rft.runs.record import StopAdvice

# A broken reward cannot tell which checkpoint is best, and asking costs what a spent budget does not have.
ENDS_THE_RUN: Final = frozenset({BROKEN_REWARD, BUDGET})


def is_worth_it(advice: StopAdvice | None, capabilities: Capabilities) -> bool:
    """Whether a run goes on with a checkpoint once its job is stopped.

    It does after advice of the stop policy that is not about the reward function or the budget. A job that somebody
    stops without such advice is not wanted, and its run ends.
    """
    if advice is None or not (capabilities.checkpoints and capabilities.stop_keeps_model):
        return False
    return not ENDS_THE_RUN & {reason.detector for reason in advice.reasons}
