"""Of thousands of answers the page shows the few that tell most."""

import random

from rft.runs.answers import BEST, IMPROVED, MAX_KEPT, OF_A_KIND, WORSENED, WORST, choose, pairs
from tests.unit.report_world import answer, shown


def test_answers_meet_in_any_order_and_only_scored_first_ones_count() -> None:
    outcomes = [
        answer(1, "candidate", 0.5),
        answer(2, "base", 0.1),
        answer(1, "base", 0.25),
        answer(3, "base", None, error="ValidationException"),
        answer(3, "candidate", 1.0),
        answer(2, "candidate", 0.0),
    ]
    assert [(pair.candidate.index, pair.change) for pair in pairs(outcomes)] == [(1, 0.25), (2, -0.1)]


def test_each_kind_has_its_best_examples_and_each_prompt_stands_once() -> None:
    rewards = {0: (0.0, 1.0), 1: (1.0, 0.0), 2: (0.9, 0.9), 3: (0.0, 0.0), 4: (0.0, 0.4), 5: (0.5, 0.45)}
    outcomes = [
        answer(index, target, reward)
        for index, both in rewards.items()
        for target, reward in zip(("base", "candidate"), both, strict=True)
    ]
    assert [(why, pair.candidate.index) for why, pair in choose(pairs(outcomes))] == [
        (IMPROVED, 0),
        (IMPROVED, 4),
        (WORSENED, 1),
        (WORSENED, 5),
        (BEST, 2),
        (BEST, 3),
    ]


def test_memory_is_bounded_and_the_best_survive() -> None:
    order = list(range(5 * MAX_KEPT))
    random.Random(1).shuffle(order)
    outcomes = [
        answer(index, target, reward)
        for index in order
        for target, reward in (("base", 0.0), ("candidate", index / len(order)))
    ]
    chosen = choose(pairs(outcomes))
    assert [pair.candidate.index for why, pair in chosen if why == IMPROVED] == [
        order_max := max(order),
        order_max - 1,
    ]
    assert [pair.candidate.index for why, pair in chosen if why == WORST] == [0, 1]
    assert len([why for why, _ in chosen if why == BEST]) == OF_A_KIND


def test_what_is_shown_has_reference_and_both_rewards() -> None:
    found = shown(base=0.25, candidate=0.75)
    assert found.place == 4
    assert found.change == 0.5
    assert [(model, reward) for model, reward, _, _ in found.answers] == [("base", 0.25), ("candidate", 0.75)]
    assert "4" in found.reference
