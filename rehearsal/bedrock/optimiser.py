"""Group-relative policy optimisation of the simulated policy."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rehearsal.bedrock.policy import COUNT, FEATURES, Policy, softmax

INNER_EPOCHS: Final = 3
CLIP: Final = 0.2
KL_WEIGHT: Final = 0.2  # keeps some exploration: without it the entropy of a healthy run ends near zero
STEP_PER_LEARNING_RATE: Final = (
    4_500.0  # logits per unit of learning rate: 1e-4 learns well in about 20 steps
)
MAX_GRADIENT_NORM: Final = 1.0


@dataclass(frozen=True, slots=True)
class Group:
    """The rollouts of one prompt: base logits, features, strategies used and their rewards."""

    base: Sequence[float]
    seen: Sequence[float]
    actions: Sequence[int]
    rewards: Sequence[float]


@dataclass(frozen=True, slots=True)
class Collapse:
    """A pull towards the strategy of index `onto`, `strength` times as strong as an advantage of 1."""

    onto: int
    strength: float


@dataclass(frozen=True, slots=True)
class UpdateStats:
    """What one update reports."""

    gradient_norm: float
    clip_fraction: float
    loss: float
    kl: float


def advantages(rewards: Sequence[float]) -> list[float]:
    """Rewards relative to their group, in standard deviations; all 0 when all are equal."""
    mean = sum(rewards) / len(rewards)
    spread = math.sqrt(sum((reward - mean) ** 2 for reward in rewards) / len(rewards))
    return (
        [0.0] * len(rewards) if spread < 1e-6 else [(reward - mean) / (spread + 1e-4) for reward in rewards]
    )


def update(
    policy: Policy, groups: Sequence[Group], learning_rate: float, collapse: Collapse | None = None
) -> UpdateStats:
    """Improve the policy in place by a clipped surrogate, a few passes over the same rollouts.

    `collapse` adds a pull towards one strategy, whatever it earns: the injected entropy collapse.
    """
    scored = [(group, advantages(group.rewards)) for group in groups]
    old = [softmax(policy.logits(group.base, group.seen)) for group in groups]
    total = sum(len(group.actions) for group in groups)
    first: UpdateStats | None = None
    clipped_total = 0
    for _ in range(INNER_EPOCHS):
        gradient = [[0.0] * FEATURES for _ in range(COUNT)]
        loss = kl = 0.0
        clipped = 0
        for (group, gains), before in zip(scored, old, strict=True):
            now = softmax(policy.logits(group.base, group.seen))
            pull = [0.0] * COUNT
            for action, gain in zip(group.actions, gains, strict=True):
                ratio = now[action] / before[action]
                loss -= min(ratio * gain, min(max(ratio, 1 - CLIP), 1 + CLIP) * gain)
                if (gain > 0 and ratio > 1 + CLIP) or (gain < 0 and ratio < 1 - CLIP):
                    clipped += 1
                elif gain:
                    pull[action] += ratio * gain
            kl += _add_regular(pull, group, now)
            if collapse is not None:
                pull[collapse.onto] += collapse.strength * len(group.actions)
            mass = sum(pull)
            one, length = group.seen
            for row, amount, share in zip(gradient, pull, now, strict=True):
                step = amount - share * mass
                row[0] += step * one
                row[1] += step * length
        norm = math.sqrt(sum(value * value for row in gradient for value in row)) / total
        scale = learning_rate * STEP_PER_LEARNING_RATE / total * min(1.0, MAX_GRADIENT_NORM / (norm or 1.0))
        for weights, row in zip(policy.weights, gradient, strict=True):
            for index, value in enumerate(row):
                weights[index] += scale * value
        clipped_total += clipped
        first = first or UpdateStats(norm, 0.0, loss / total, kl / len(groups))
    assert first is not None
    return UpdateStats(first.gradient_norm, clipped_total / (INNER_EPOCHS * total), first.loss, first.kl)


def _add_regular(pull: list[float], group: Group, now: Sequence[float]) -> float:
    """Add the pull back to the base model; return the KL to the base model."""
    reference = softmax(group.base)
    logs = [math.log(max(p, 1e-12) / max(q, 1e-12)) for p, q in zip(now, reference, strict=True)]
    kl = sum(p * log for p, log in zip(now, logs, strict=True))
    size = len(group.actions)
    for index, (share, log) in enumerate(zip(now, logs, strict=True)):
        pull[index] -= KL_WEIGHT * size * share * (log - kl)
    return kl
