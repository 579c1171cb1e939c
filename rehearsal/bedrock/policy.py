"""The simulated model: a softmax over response strategies.

The logit of a strategy for a prompt is the sum of the base model's preference, the prompt's own difficulty
(fixed, by hash of the prompt) and what training has learned: a weight per strategy for each prompt feature.
The learned part is shared by all prompts, so it carries over to prompts never trained on.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from rehearsal.bedrock.records import Record
from rehearsal.bedrock.strategies import STRATEGIES

COUNT: Final = len(STRATEGIES)
FEATURES: Final = 2  # one; prompt length
DIFFICULTY_SPREAD: Final = 0.9
TASTE_SPREAD: Final = 0.45  # of a strategy's appeal from prompt to prompt
_BASE: Final = tuple(math.log(probability) for _, probability, _ in STRATEGIES)
_FELT: Final = tuple(felt for _, _, felt in STRATEGIES)


def base_logits(key: str) -> tuple[float, ...]:
    """Logits of the untrained model for the prompt with this hash."""
    random = Random(int(hashlib.sha256(f"prompt{key}".encode()).hexdigest()[:16], 16))
    difficulty = random.gauss(0.0, DIFFICULTY_SPREAD)
    return tuple(
        base - felt * difficulty + random.gauss(0.0, TASTE_SPREAD)
        for base, felt in zip(_BASE, _FELT, strict=True)
    )


def features(record: Record) -> tuple[float, ...]:
    """What the learned weights see of a prompt: a constant, and its length from -0.5 to 0.5."""
    return (1.0, min(record.prompt_characters, 2000) / 2000 - 0.5)


def softmax(logits: Sequence[float], temperature: float = 1.0) -> list[float]:
    """Probabilities of logits at a temperature above 0."""
    top = max(logits)
    weights = [math.exp((logit - top) / temperature) for logit in logits]
    total = sum(weights)
    return [weight / total for weight in weights]


def entropy(probabilities: Sequence[float]) -> float:
    """Entropy in nats."""
    return -sum(p * math.log(p) for p in probabilities if p > 0.0)


def draw(probabilities: Sequence[float], random: Random) -> int:
    """Index drawn from a distribution."""
    rest = random.random()
    for index, probability in enumerate(probabilities):
        rest -= probability
        if rest < 0.0:
            return index
    return len(probabilities) - 1


@dataclass(slots=True)
class Policy:
    """Learned weights, a row per strategy; all zero is the base model."""

    weights: list[list[float]] = field(default_factory=lambda: [[0.0] * FEATURES for _ in range(COUNT)])

    def logits(self, base: Sequence[float], seen: Sequence[float]) -> list[float]:
        one, length = seen
        return [b + row[0] * one + row[1] * length for b, row in zip(base, self.weights, strict=True)]

    def choose(self, record: Record, temperature: float, random: Random) -> int:
        """Index of the strategy used for a prompt: the likeliest at temperature 0, else drawn."""
        logits = self.logits(base_logits(record.key), features(record))
        if temperature <= 0.0:
            return logits.index(max(logits))
        return draw(softmax(logits, temperature), random)

    def copy(self) -> "Policy":
        return Policy([list(row) for row in self.weights])
