"""Pairing: as good as trying everything, and fast enough for its bound."""

import time
from itertools import combinations, pairwise, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards.lists import MAX_EXACT
from rft.rewards.matching import Pairs, Scores, best_pairs, best_pairs_in_order

SHARES = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]) | st.floats(0, 1)
TABLES = st.tuples(st.integers(1, 4), st.integers(1, 5)).flatmap(
    lambda size: st.lists(
        st.lists(SHARES, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0]
    )
)


def total(scores: Scores, pairs: Pairs) -> float:
    return sum(scores[row][column] for row, column in pairs)


def columns_for(scores: Scores) -> int:
    return min(len(scores), len(scores[0]))


@given(TABLES)
def test_no_assignment_is_better(scores: Scores) -> None:
    size = columns_for(scores)
    tried = (
        total(scores, list(zip(rows, columns, strict=True)))
        for rows in combinations(range(len(scores)), size)
        for columns in permutations(range(len(scores[0])), size)
    )
    pairs = best_pairs(scores)
    assert total(scores, pairs) == pytest.approx(max(tried))
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs) == size


@given(TABLES)
def test_no_pairs_in_order_are_better(scores: Scores) -> None:
    tried = (
        total(scores, list(zip(rows, columns, strict=True)))
        for size in range(columns_for(scores) + 1)
        for rows in combinations(range(len(scores)), size)
        for columns in combinations(range(len(scores[0])), size)
    )
    pairs = best_pairs_in_order(scores)
    assert total(scores, pairs) == pytest.approx(max(tried))
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))


@pytest.mark.parametrize("scores", [[], [[]], [[], []]])
def test_nothing_has_no_pairs(scores: Scores) -> None:
    assert best_pairs(scores) == best_pairs_in_order(scores) == []


def test_the_largest_table_ends_soon() -> None:
    draw = Random(1)
    scores = [[draw.random() for _ in range(MAX_EXACT)] for _ in range(MAX_EXACT)]
    began = time.process_time()
    best_pairs(scores)
    assert time.process_time() - began < 1.0
