"""What the watch loop stops a job for, or tells people about."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from rft.frozen import Frozen, Share

Mode = Literal["enforced", "advised"]
Reason = Literal[
    "broken_reward",
    "budget",
    "deadline",
    "stalled",
    "plateau",
    "flat_reward",
    "reward_fall",
    "validation_fall",
    "train_validation_gap",
    "reward_hacking",
    "component_hacking",
    "length_hacking",
    "length_spike",
    "entropy_collapse",
    "entropy_flat_high",
    "diversity_collapse",
    "learning_stopped",
    "grad_norm_spike",
    "grad_norm_growth",
    "reward_oscillation",
    "validation_oscillation",
    "zero_signal_share",
    "policy_drift",
]
_MODES: Mapping[Reason, Mode] = {"broken_reward": "enforced", "budget": "enforced"}


class Watch(Frozen):
    """What the watch loop stops a job for: `enforced` stops it, `advised` notifies with the command to do so.

    A reason that `modes` leaves out is enforced for a broken reward and the budget, and advised otherwise.
    """

    modes: dict[Reason, Mode] = {}
    max_reward_error_share: Share = 0.2
    min_samples: Annotated[int, Field(ge=1)] = 200  # rollouts before an error share is believed
    max_hours: Annotated[float, Field(gt=0)] | None = None  # of training; None sets no deadline

    @property
    def enforced(self) -> tuple[Reason, ...]:
        """The reasons that stop a job."""
        return tuple(reason for reason, mode in {**_MODES, **self.modes}.items() if mode == "enforced")
