"""Healthy curves of a training job as functions of its progress in [0, 1], and noises around them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log1p
from random import Random
from typing import Final


def _rise(shape: Callable[[float], float]) -> Callable[[float], float]:
    """The shape scaled so that it goes from 0 to 1."""
    low, high = shape(0.0), shape(1.0)
    return lambda progress: (shape(progress) - low) / (high - low)


def rises(name: str, random: Random) -> Callable[[float], float]:
    """A curve of the reward's gain from 0 to 1 over a run, with the shape's own parameters drawn at random.

    Args:
        name: one of `SHAPES`.
    """
    speed, middle = random.uniform(3, 8), random.uniform(0.35, 0.55)
    steep, late = random.uniform(8, 14), random.uniform(0.6, 0.8)
    dip = random.uniform(0.2, 0.7)
    steps = sorted(random.uniform(0.05, 0.9) for _ in range(3))
    shapes: Mapping[str, Callable[[float], float]] = {
        "saturating": _rise(lambda t: 1 - exp(-speed * t)),
        "linear": lambda t: t,
        "s-shaped": _rise(lambda t: 1 / (1 + exp(-steep * (t - middle)))),
        "late-bloomer": _rise(lambda t: 1 / (1 + exp(-2 * steep * (t - late)))),
        "already-good": lambda t: 1 - exp(-speed * t),
        "logarithmic": lambda t: log1p(20 * t) / log1p(20),
        "dip": lambda t: t - 0.25 * exp(-(((t - dip) / 0.05) ** 2)),  # a hard part of the data
        "staircase": lambda t: sum(min(1.0, max(0.0, (t - at) / 0.05)) for at in steps) / len(steps),
    }
    return shapes[name]


TUNING_SHAPES: Final = ("saturating", "linear", "s-shaped", "already-good")
NEW_SHAPES: Final = ("late-bloomer", "staircase", "dip", "logarithmic")
SHAPES: Final = (*TUNING_SHAPES, *NEW_SHAPES)


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of rewards: its standard deviation; `correlation` of neighbours in [0, 1); heavy tails or normal."""

    name: str
    sigma: float
    correlation: float = 0.0
    heavy: bool = False

    def draw(self, count: int, random: Random) -> list[float]:
        fresh = (1 - self.correlation**2) ** 0.5
        values, last = [], 0.0
        for _ in range(count):
            last = self.correlation * last + fresh * self._one(random)
            values.append(self.sigma * last)
        return values

    def _one(self, random: Random) -> float:
        if not self.heavy:
            return random.gauss(0, 1)
        chi = sum(random.gauss(0, 1) ** 2 for _ in range(4))  # Student's t of 4 degrees has variance 2
        return float(random.gauss(0, 1) / (chi / 4) ** 0.5 / 2**0.5)


TUNING_NOISES: Final = (
    Noise("low", 0.01),
    Noise("middle", 0.025),
    Noise("high", 0.04),
    Noise("correlated", 0.025, correlation=0.5),
)
NEW_NOISES: Final = (
    Noise("very high", 0.06),
    Noise("strongly correlated", 0.02, correlation=0.65),
    Noise("heavy tails", 0.03, heavy=True),
)
NOISES: Final = (*TUNING_NOISES, *NEW_NOISES)


NOVA: Final = "nova"
MANTLE: Final = "mantle"
RECORDED: Final = "recorded"  # by no engine of this project


@dataclass(frozen=True, slots=True)
class Profile:
    """Which fields a trace has: those of `fields`, the validation reward every `every` steps, None for never.

    `source` is the engine whose sources give just these, or `RECORDED`.
    """

    name: str
    source: str
    fields: frozenset[str]
    every: int | None = 1

    @property
    def shown(self) -> frozenset[str]:
        """All fields that a trace has."""
        return self.fields if self.every is None else self.fields | {"validation_reward"}


_TIME: Final = frozenset(["total_steps", "seconds", "cost_usd", "tokens"])
_LOG: Final = _TIME | {"train_reward", "episode_length", "reward_error_rate", "components"}
_GROUPS: Final = frozenset(["zero_signal_share", "answer_diversity"])  # where a batch has a prompt twice
_EVENTS: Final = frozenset(
    ["train_reward", "episode_length", "policy_entropy", "grad_norm", "policy_loss", "seconds", "cost_usd"]
)
_ALL: Final = _LOG | _GROUPS | _EVENTS | {"low_reward_share"}
PROFILES: Final[Sequence[Profile]] = (
    Profile("reward log", NOVA, _LOG | _GROUPS, every=2),
    Profile("reward log, sparse validation", NOVA, _LOG | _GROUPS, every=4),
    Profile("reward log, prompts apart", NOVA, _LOG, every=2),
    Profile("events and reward log", MANTLE, _EVENTS | _LOG | _GROUPS, every=None),
    Profile("events and reward log, prompts apart", MANTLE, _EVENTS | _LOG, every=None),
    Profile("events alone", MANTLE, _EVENTS | {"total_steps"}, every=None),
    Profile("all fields", RECORDED, _ALL),
    Profile("all fields, sparse validation", RECORDED, _ALL, every=4),
    Profile("events with validation", RECORDED, _EVENTS, every=2),
)
