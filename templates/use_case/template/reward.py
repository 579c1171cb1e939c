"""Reward of ticket classification: the right label, and nothing but the label."""

from rft.rewards import Sample, Score, is_bare_label, label_answer, weighted

LABELS = ("billing", "technical", "shipping", "login", "cancellation")


def reward(sample: Sample) -> Score:
    """Score 1.0 for the bare right label, 0.9 for the right label in a sentence, 0.1 at most for a wrong one."""
    return weighted(
        correct=(0.9, label_answer(sample, LABELS)),
        format=(0.1, float(is_bare_label(sample.response, LABELS))),
    )
