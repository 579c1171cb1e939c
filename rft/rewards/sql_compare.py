"""Compares results of queries as bags of rows, ordered where the question asks for an order.

A gold result is a sequence of rows in groups of equal rank: rows that its ORDER BY leaves tied, or all of them
without ORDER BY, may come in any order; where LIMIT cuts a group, any of its rows will do.
"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from rft.rewards.sql_run import Result, Rows

MAX_ORDERS: Final = 720  # orders of columns that are tried
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Gold:
    """The expected result: `rows` in order, before LIMIT, the rank of each, and the part `start:stop` of them that
    is asked for."""

    width: int
    rows: Rows
    ranks: Sequence[Any]
    start: int
    stop: int

    @property
    def asked(self) -> Rows:
        return self.rows[self.start : self.stop]


def matches_gold(
    given: Result, gold: Gold, *, relative: float, absolute: float, any_column_order: bool
) -> bool:
    """Tell whether a result has the gold's rows, each as many times, in its order up to ties.

    Names of columns do not count. Numbers are equal within `absolute` or `relative` to the gold's, whole or not;
    text, NULL and numbers are never equal to each other.
    """
    if given.width != gold.width or len(given.rows) != gold.stop - gold.start:
        return False
    snap = _snapping(gold.rows, relative, absolute)
    expected, found = _snapped(gold.rows, snap), _snapped(given.rows, snap)
    if _same(found, expected, gold):
        return True
    return any_column_order and any(
        _same([tuple(row[column] for column in order) for row in found], expected, gold)
        for order in _column_orders(found, expected, gold.width)
    )


def row_f1(given: Result, gold: Gold, *, relative: float, absolute: float) -> float:
    """Return the F1 of rows, each counted as often as it occurs, whatever their order."""
    if given.width != gold.width:
        return 0.0
    snap = _snapping(gold.rows, relative, absolute)
    expected, found = Counter(_snapped(gold.asked, snap)), Counter(_snapped(given.rows, snap))
    total = expected.total() + found.total()
    return 2 * (expected & found).total() / total if total else 1.0


def _same(found: Rows, expected: Rows, gold: Gold) -> bool:
    place = 0
    for _, group in groupby(range(len(expected)), key=lambda index: gold.ranks[index]):
        indices = list(group)
        low, high = max(indices[0], gold.start), min(indices[-1] + 1, gold.stop)
        if low >= high:
            continue
        part = found[place : place + high - low]
        place += high - low
        if Counter(part) - Counter(expected[index] for index in indices):
            return False
    return True


def _column_orders(found: Rows, expected: Rows, width: int) -> list[tuple[int, ...]]:
    """Orders of the found columns that put under every expected column nothing but its values."""
    if width > 16:
        return []
    theirs = [Counter(column) for column in zip(*found, strict=True)] or [Counter()] * width
    ours = [Counter(column) for column in zip(*expected, strict=True)] or [Counter()] * width
    fits = [[index for index, have in enumerate(theirs) if not have - want] for want in ours]
    orders: list[tuple[int, ...]] = [()]
    for fitting in fits:
        orders = [(*order, index) for order in orders for index in fitting if index not in order]
        orders = orders[:MAX_ORDERS]
    return orders


def _snapping(rows: Rows, relative: float, absolute: float) -> Callable[[Any], Any]:
    """A function that takes a number to the gold's number that it is close enough to, and tags every other cell
    with its type."""
    numbers = sorted({cell for row in rows for cell in row if _is_number(cell)})

    def snap(cell: Any) -> Any:
        if not _is_number(cell):
            return (type(cell).__name__, cell)
        place = bisect_left(numbers, cell)
        # The lowest close one, so that the gold's own close numbers become one.
        while place > 0 and math.isclose(numbers[place - 1], cell, rel_tol=relative, abs_tol=absolute):
            place -= 1
        if place < len(numbers) and math.isclose(numbers[place], cell, rel_tol=relative, abs_tol=absolute):
            return numbers[place]
        return cell

    return snap


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float)


def _snapped(rows: Rows, snap: Callable[[Any], Any]) -> Rows:
    return [tuple(snap(cell) for cell in row) for row in rows]
