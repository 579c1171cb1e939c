"""Pairs the items of two short lists so that the sum of the pairs' scores is as large as possible."""

from collections.abc import Sequence
from itertools import pairwise
from math import inf

Scores = Sequence[Sequence[float]]  # a row per item of the first list, a column per item of the second
Pairs = list[tuple[int, int]]  # row and column


def best_pairs(scores: Scores) -> Pairs:
    """Return an optimal assignment, every item in at most one pair, sorted by row.

    The Hungarian method with potentials (Kuhn 1955, Munkres 1957) in its O(rows^2 * columns) form: 32 by 32
    takes about 5 ms. Among several optimal assignments any one may be returned; their sums are the same.
    """
    rows, columns = len(scores), len(scores[0]) if scores else 0
    if rows > columns:
        turned = [[row[column] for row in scores] for column in range(columns)]
        return sorted((row, column) for column, row in best_pairs(turned))
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    taken_by = [0] * (columns + 1)  # the row of each column, both counted from 1; 0 is none
    for row in range(1, rows + 1):
        _add_row(scores, row, row_price, column_price, taken_by)
    return sorted((row - 1, column - 1) for column, row in enumerate(taken_by) if column and row)


def _add_row(
    scores: Scores, row: int, row_price: list[float], column_price: list[float], taken_by: list[int]
) -> None:
    """Give a row a column, moving rows placed before along the cheapest alternating path."""
    size = len(column_price)
    slack, before, seen = [inf] * size, [0] * size, [False] * size
    taken_by[0] = row
    column = 0
    while taken_by[column]:
        seen[column] = True
        here, step, following = taken_by[column], inf, 0
        for other in range(1, size):
            if seen[other]:
                continue
            cost = -scores[here - 1][other - 1] - row_price[here] - column_price[other]
            if cost < slack[other]:
                slack[other], before[other] = cost, column
            if slack[other] < step:
                step, following = slack[other], other
        for other in range(size):
            if seen[other]:
                row_price[taken_by[other]] += step
                column_price[other] -= step
            else:
                slack[other] -= step
        column = following
    while column:
        taken_by[column] = taken_by[before[column]]
        column = before[column]


def best_pairs_in_order(scores: Scores) -> Pairs:
    """Return the best pairs that do not cross: of two pairs, the one with the later row has the later column.

    Dynamic programming as for the longest common subsequence, O(rows * columns); pairs that score 0 are left
    out.
    """
    columns = len(scores[0]) if scores else 0
    best = [[0.0] * (columns + 1)]
    for row in scores:
        line = [0.0]
        for (corner, above), score in zip(pairwise(best[-1]), row, strict=True):
            line.append(max(above, line[-1], corner + score))
        best.append(line)
    pairs: Pairs = []
    row_at, column_at = len(scores), columns
    while row_at and column_at:
        here = best[row_at][column_at]
        if here == best[row_at - 1][column_at]:
            row_at -= 1
        elif here == best[row_at][column_at - 1]:
            column_at -= 1
        else:
            row_at, column_at = row_at - 1, column_at - 1
            pairs.append((row_at, column_at))
    return pairs[::-1]
