"""How much of one list is in another, with bounds on the time that a hostile answer can cost."""

import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from rft.rewards.json_text import canonical
from rft.rewards.matching import best_pairs

MAX_EXACT: Final = 32  # items a side that are paired optimally, at most 1,024 comparisons
DISTINCT_FACTOR: Final = 4  # a set with so many more items than the reference is cut there

_Comparator = Callable[[Any, Any], float]


def share_in_order(compare: _Comparator, expected: list[Any], given: list[Any]) -> float:
    """Return the sum of the scores position by position over the longer list's length; 1.0 for two empty ones."""
    longest = max(len(expected), len(given))
    if not longest:
        return 1.0
    return math.fsum(compare(e, g) for e, g in zip(expected, given, strict=False)) / longest


def best_share(compare: _Comparator, expected: list[Any], given: list[Any]) -> float:
    """Return the largest sum of the scores of paired items over the longer list's length, whatever their order.

    Optimal up to 32 items on both sides. In longer lists identical items are paired first; what is left is paired
    optimally, or, when more than 32 are left, in the order of their JSON: a lower bound, still blind to order.
    """
    longest = max(len(expected), len(given))
    if not longest:
        return 1.0
    certain = 0
    if longest > MAX_EXACT:
        certain, expected, given = _without_identical(expected, given)
    if max(len(expected), len(given)) > MAX_EXACT:
        scores = list(map(compare, sorted(expected, key=canonical), sorted(given, key=canonical)))
    else:
        table = [[compare(e, g) for g in given] for e in expected]
        scores = [table[row][column] for row, column in best_pairs(table)]
    return (certain + math.fsum(scores)) / longest


def distinct(compare: _Comparator, items: list[Any], wanted: int) -> list[Any]:
    """Return the items without those that score 1.0 against an earlier one, in the order of their JSON.

    More than 4 * `wanted` + 32 different items are not looked through any further and stay as they are.
    """
    unique = [item for _, item in sorted({canonical(item): item for item in items}.items())]
    if len(unique) > DISTINCT_FACTOR * wanted + MAX_EXACT:
        return unique
    kept: list[Any] = []
    for item in unique:
        if not any(compare(other, item) == 1.0 for other in kept):
            kept.append(item)
    return kept


def _without_identical(expected: list[Any], given: list[Any]) -> tuple[int, list[Any], list[Any]]:
    waiting: defaultdict[str, list[Any]] = defaultdict(list)
    for item in given:
        waiting[canonical(item)].append(item)
    left = []
    for item in expected:
        same = waiting[canonical(item)]
        if same:
            same.pop()
        else:
            left.append(item)
    rest = [item for items in waiting.values() for item in items]
    return len(expected) - len(left), left, rest
