"""All detectors, the more harmful first; each returns a reason, or None when it abstains or finds nothing."""

from collections.abc import Callable, Mapping
from typing import Final

from rft.monitoring.policy import (
    entropy,
    gradients,
    hacking,
    job,
    lengths,
    oscillation,
    plateau,
    rewards,
    signal,
)
from rft.monitoring.policy.model import Limits, Reason
from rft.monitoring.policy.series import View

Detector = Callable[[View, Limits], Reason | None]

DETECTORS: Final[Mapping[str, Detector]] = {
    job.BROKEN_REWARD: job.broken_reward,
    job.BUDGET: job.budget,
    job.DEADLINE: job.deadline,
    hacking.HACKING: hacking.reward_hacking,
    hacking.GAP: hacking.train_validation_gap,
    hacking.COMPONENTS: hacking.component_hacking,
    lengths.LENGTH_HACKING: lengths.length_hacking,
    lengths.LENGTH_SPIKE: lengths.length_spike,
    entropy.COLLAPSE: entropy.entropy_collapse,
    entropy.DIVERSITY: entropy.diversity_collapse,
    entropy.LEARNING_STOPPED: entropy.learning_stopped,
    gradients.GROWTH: gradients.grad_norm_growth,
    gradients.SPIKE: gradients.grad_norm_spike,
    rewards.REWARD_FALL: rewards.reward_fall,
    rewards.VALIDATION_FALL: rewards.validation_fall,
    oscillation.TRAIN: oscillation.reward_oscillation,
    oscillation.VALIDATION: oscillation.validation_oscillation,
    signal.ZERO_SIGNAL: signal.zero_signal_share,
    signal.DRIFT: signal.policy_drift,
    job.STALLED: job.stalled,
    rewards.FLAT_REWARD: rewards.flat_reward,
    entropy.FLAT_HIGH: entropy.entropy_flat_high,
    plateau.PLATEAU: plateau.plateau,
}


def findings(view: View, limits: Limits) -> tuple[Reason, ...]:
    """What all detectors find, with the mode that the settings give each."""
    found = (detect(view, limits) for detect in DETECTORS.values())
    return tuple(reason.with_mode(limits.enforced) for reason in found if reason is not None)
