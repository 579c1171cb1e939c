"""What goes wrong in a training job: each fault changes the healthy curves from its onset on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import exp, pi, sin
from random import Random
from typing import Final


@dataclass(slots=True)
class Curves:
    """The noiseless curves of a run, a value a step; `components` by name."""

    train: list[float]
    validation: list[float]
    length: list[float]
    entropy: list[float]
    gradient: list[float]
    zero_signal: list[float]
    diversity: list[float]
    low_reward: list[float]
    errors: list[float]
    seconds: list[float]
    components: dict[str, list[float]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return len(self.train)


Fault = Callable[[Curves, int, Random], None]


def _after(curves: Curves, onset: int, share: float) -> list[float]:
    """How far the fault has come at each step: 0 before its onset, 1 a share of the run later."""
    return [min(1.0, max(0.0, (at - onset) / (share * curves.total))) for at in range(curves.total)]


def _lower(curves: Curves, far: list[float], train: float, validation: float) -> None:
    for at, part in enumerate(far):
        curves.train[at] -= train * part
        curves.validation[at] -= validation * part
        curves.low_reward[at] += max(train, validation) * part


def hacking(curves: Curves, onset: int, random: Random) -> None:
    """Training reward rises on while validation falls; answers grow, or one part eats the others, or all are alike."""
    far = _after(curves, onset, random.uniform(0.15, 0.3))
    lost = random.uniform(0.2, 0.4)
    way = random.choice(("plain", "length", "components"))
    growth = random.uniform(0.6, 2.0) if way == "length" else 0.0
    alike = random.uniform(0.7, 1.0) if random.random() < 0.3 else 0.0
    for at, part in enumerate(far):
        curves.train[at] += (0.97 - curves.train[at]) * random.uniform(0.5, 0.52) * part
        curves.validation[at] -= lost * part
        curves.low_reward[at] += lost * part
        curves.length[at] *= 1 + growth * part
        curves.diversity[at] *= 1 - alike * part
        if way == "components":
            curves.components["format"][at] += (0.99 - curves.components["format"][at]) * part
            curves.components["correct"][at] -= lost * part


def entropy_collapse(curves: Curves, onset: int, random: Random) -> None:
    """Entropy decays to near zero, and soon all answers are alike; rewards stop rising or fall, groups agree."""
    decay, floor = random.uniform(0.015, 0.04) * curves.total, random.uniform(0.01, 0.06)
    far = _after(curves, onset, random.uniform(0.08, 0.2))
    lost, agree = random.uniform(0.0, 0.25), random.uniform(0.75, 0.95)
    level = curves.train[onset], curves.validation[onset]
    for at in range(onset, curves.total):
        curves.entropy[at] = floor + (curves.entropy[onset] - floor) * exp(-(at - onset) / decay)
        curves.train[at] = level[0] - lost * far[at]
        curves.validation[at] = level[1] - lost * far[at]
        curves.zero_signal[at] += (agree - curves.zero_signal[at]) * far[at]
    _alike(curves, onset + round(random.uniform(0.0, 0.05) * curves.total), decay, random)


def _alike(curves: Curves, begin: int, decay: float, random: Random) -> None:
    """The answers' diversity decays to near zero, about as fast as the entropy."""
    last, pace = random.uniform(0.0, 0.05), decay * random.uniform(0.5, 1.5)
    level = curves.diversity[begin]
    for at in range(begin, curves.total):
        curves.diversity[at] = min(level, last + (level - last) * exp(-(at - begin) / pace))


def oscillation(curves: Curves, onset: int, random: Random) -> None:
    """Rewards swing, and gradients with them."""
    period, swing = random.uniform(0.06, 0.12) * curves.total, random.uniform(0.13, 0.25)
    for at in range(onset, curves.total):
        wave = sin(2 * pi * (at - onset) / max(5.0, period))
        curves.train[at] += swing * (wave - 0.3)
        curves.validation[at] += swing * (wave - 0.3)
        curves.gradient[at] *= 2 + abs(wave)


def divergence(curves: Curves, onset: int, random: Random) -> None:
    """The gradient norm grows, then the rewards fall to near nothing."""
    far = _after(curves, onset, random.uniform(0.08, 0.2))
    lag = onset + round(random.uniform(0.02, 0.05) * curves.total)
    late, growth = _after(curves, lag, random.uniform(0.08, 0.2)), random.uniform(4, 20)
    for at, part in enumerate(far):
        curves.gradient[at] *= growth**part
        for rewards in (curves.train, curves.validation):
            rewards[at] += (0.08 - rewards[at]) * late[at]
        curves.low_reward[at] += (0.95 - curves.low_reward[at]) * late[at]
        curves.entropy[at] *= 1 + 0.5 * late[at]
        curves.diversity[at] += (1 - curves.diversity[at]) * 0.5 * late[at]


def broken_reward(curves: Curves, onset: int, random: Random) -> None:
    """The reward function fails for a share of the rollouts, which then earn nothing."""
    rate = random.uniform(0.3, 1.0)
    for at in range(onset, curves.total):
        curves.errors[at] = rate
        curves.train[at] *= 1 - rate
        curves.validation[at] *= 1 - rate


def plateau(curves: Curves, onset: int, random: Random) -> None:
    """Nothing is gained any more."""
    for at in range(onset, curves.total):
        curves.train[at], curves.validation[at] = curves.train[onset], curves.validation[onset]


def stall(curves: Curves, onset: int, random: Random) -> None:
    """One step takes very long."""
    curves.seconds[onset] *= random.uniform(15, 80)


HARMFUL: Final[Mapping[str, Fault]] = {
    "hacking": hacking,
    "entropy collapse": entropy_collapse,
    "oscillation": oscillation,
    "divergence": divergence,
    "broken reward": broken_reward,
}
WARN_ONLY: Final[Mapping[str, Fault]] = {"plateau": plateau, "stall": stall}
# A fault that none of a trace's fields shows is nobody's to find; any one of these sets of fields shows it.
NEEDS: Final[Mapping[str, tuple[frozenset[str], ...]]] = {
    "hacking": (frozenset({"validation_reward"}),),
    "entropy collapse": (frozenset({"policy_entropy"}), frozenset({"answer_diversity"})),
    "divergence": (frozenset({"grad_norm"}), frozenset({"validation_reward"})),
    "broken reward": (frozenset({"reward_error_rate"}),),
    "oscillation": (frozenset({"grad_norm"}), frozenset({"validation_reward"})),
    "plateau": (frozenset({"validation_reward"}),),
    "stall": (frozenset({"seconds"}),),
}
