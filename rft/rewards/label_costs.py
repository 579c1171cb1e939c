"""What mistakes between labels cost, relative to the dearest of them."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

Costs = Mapping[tuple[str, str], float] | Mapping[str, Mapping[str, float]]


def cost_of(expected: str, given: str | None, costs: Costs, labels: Sequence[str]) -> float:
    """Return the cost in [0, 1] of giving `given` where `expected` is right.

    Raises:
        ValueError: when a cost is negative, infinite or NaN, none is above 0, or one names an unknown label.
    """
    pairs = _pairs(costs)
    dearest = max(pairs.values(), default=0.0)
    if not all(math.isfinite(cost) and cost >= 0 for cost in pairs.values()) or dearest <= 0:
        raise ValueError("costs must be numbers of 0 or more, and at least one of them above 0")
    if not {label for pair in pairs for label in pair} <= set(labels):
        raise ValueError("a cost is for a label that does not exist; use the labels as listed")
    if given is None:
        return 1.0
    return pairs.get((expected, given), 0.0 if given == expected else dearest) / dearest


def _pairs(costs: Costs) -> dict[tuple[str, str], float]:
    pairs: dict[tuple[str, str], float] = {}
    for key, value in costs.items():
        if isinstance(value, Mapping):
            pairs.update({(cast(str, key), given): float(cost) for given, cost in value.items()})
        else:
            pairs[cast(tuple[str, str], key)] = float(value)
    return pairs
