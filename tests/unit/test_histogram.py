"""A share below a level that was not known when the rewards were counted."""

import random

import pytest

from rft.monitoring.histogram import BINS, counts, share_below


def test_of_right_and_wrong_the_share_is_exact_for_every_level() -> None:
    found = counts([0.0] * 30 + [1.0] * 70)
    assert [share_below(found, level) for level in (0.001, 0.04, 0.5, 0.999, 1.0)] == [pytest.approx(0.3)] * 5
    assert share_below(found, 0.0) == 0.0


def test_of_any_rewards_the_share_is_within_half_a_bin() -> None:
    draw = random.Random(3)
    rewards = [draw.random() for _ in range(4000)]
    for level in (0.1, 0.33, 0.5, 0.77, 0.95):
        exact = sum(reward < level for reward in rewards) / len(rewards)
        assert share_below(counts(rewards), level) == pytest.approx(exact, abs=0.5 / BINS)


def test_what_lies_beyond_is_in_the_outer_bins_and_nothing_is_unknown() -> None:
    found = counts([-1.0, 2.0])
    assert (found[0], found[-1], sum(found)) == (1, 1, 2)
    assert share_below((), 0.5) is None
    assert share_below([0] * BINS, 0.5) is None
