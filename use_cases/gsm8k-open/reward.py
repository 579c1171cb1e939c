"""Reward of word problems: the right final number, written on a last line `#### <number>`."""

from rft.rewards import Sample, Score, ends_with_answer_line, math_answer, penalised


def reward(sample: Sample) -> Score:
    """Score 1.0 for the right number in the asked form, 0.9 in another form, 0 for a wrong one."""
    return penalised(math_answer(sample), form=(0.1, ends_with_answer_line(sample.response)))
