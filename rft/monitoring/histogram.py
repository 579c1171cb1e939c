"""Rewards counted in equal bins, from which the share below a level follows that was unknown when they were counted."""

from collections.abc import Iterable, Sequence
from typing import Final

BINS: Final = 20  # of [0, 1]; the first and the last take what lies beyond


def counts(rewards: Iterable[float]) -> tuple[int, ...]:
    """How many rewards lie in each bin."""
    found = [0] * BINS
    for reward in rewards:
        found[min(BINS - 1, max(0, int(reward * BINS)))] += 1
    return tuple(found)


def share_below(found: Sequence[int], level: float) -> float | None:
    """The share, in [0, 1], of rewards below a level, even within a bin; None without any reward.

    The first bin lies below any level above 0 as a whole, the last one below none, because most of what is in them is
    exactly 0 and exactly 1.
    """
    total = sum(found)
    if not total:
        return None
    if level <= 0:
        return 0.0
    place = min(BINS - 1.0, level * BINS)
    whole = int(place)
    part = (place - whole) * found[whole] if whole > 0 else 0.0
    return (sum(found[: max(1, whole)]) + part) / total
