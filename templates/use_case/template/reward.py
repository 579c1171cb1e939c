"""Reward of ticket classification: the right label, and nothing but the label."""

from rft.rewards import (
    Sample,
    Score,
    is_bare_label,
    label_answer,
    minimum,
    not_repetitive,
    penalised,
    token_budget,
)

LABELS = ("billing", "technical", "shipping", "login", "cancellation")


def reward(sample: Sample) -> Score:
    """Score 1.0 for the bare right label, 0.9 for the right label in a sentence, down to 0.1 for one in a long or
    looping answer, 0 for any other."""
    concise = minimum(length=token_budget(sample, soft=12, hard=40), repetition=not_repetitive(sample))
    return penalised(
        label_answer(sample, LABELS),
        bare=(0.1, is_bare_label(sample.response, LABELS)),
        concise=(0.8, concise),
    )
