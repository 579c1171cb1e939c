"""Reward of word problems: the right final number, written on a last line `#### <number>`."""

from rft.rewards import Sample, Score, ends_with_answer_line, math_answer, weighted


def reward(sample: Sample) -> Score:
    """Score 1.0 for the right number in the asked form, 0.9 in another form, 0.1 at most for a wrong one."""
    return weighted(
        correct=(0.9, math_answer(sample)),
        format=(0.1, ends_with_answer_line(sample.response)),
    )
