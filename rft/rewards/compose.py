"""Ways to make one score out of several."""

import math

from rft.rewards.contract import Score

Part = float | Score


def _value(part: Part) -> float:
    value = float(part.value if isinstance(part, Score) else part)
    # min and max would turn NaN and infinity into honest-looking rewards.
    return min(1.0, max(0.0, value)) if math.isfinite(value) else math.nan


def weighted(**parts: tuple[float, Part]) -> Score:
    """Return the weighted mean of named parts, each `name=(weight, score)`; weights need not add up to 1.

    A part that is not a number makes the whole score not a number, which the batch counts as an error.

    Raises:
        ValueError: when no weight is positive or one is negative.
    """
    total = sum(weight for weight, _ in parts.values())
    if total <= 0 or any(weight < 0 for weight, _ in parts.values()):
        raise ValueError("weights must be 0 or more, and at least one of them above 0")
    components = {name: _value(part) for name, (_, part) in parts.items()}
    value = sum(weight * components[name] for name, (weight, _) in parts.items()) / total
    reasons = tuple(
        reason for _, part in parts.values() if isinstance(part, Score) for reason in part.reasons
    )
    return Score(value if math.isnan(value) else min(1.0, value), components, reasons)


def gated(gate: float | bool, score: Score, reason: str = "gate not passed") -> Score:
    """Return the score when the gate is open (above 0), else 0 with the components kept for the metrics."""
    if gate:
        return score
    return Score(0.0, score.components, (*score.reasons, reason))
