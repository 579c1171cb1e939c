"""Reward of moderation: the right label, mistakes by what they cost, and the form that the prompt asks for."""

from rft.rewards import Sample, Score, label_answer, matches, minimum, not_repetitive, penalised, token_budget

VIOLATIONS = ("spam", "self_promotion", "personal_data", "incivility", "off_topic")
LABELS = (*VIOLATIONS, "none")
# To miss a violation is dearest; a false alarm costs less, and a wrong rule still calls a moderator.
COSTS = {
    **{(violation, "none"): 1.0 for violation in VIOLATIONS},
    **{("none", violation): 0.8 for violation in VIOLATIONS},
    **{(one, other): 0.7 for one in VIOLATIONS for other in VIOLATIONS if one != other},
    **{("needs_review", label): 0.8 for label in LABELS},
}
ABSTAIN = {"needs_review": 0.35}
FORM = r"label: [a-z_]{4,20}\nreason: [^\n]{3,200}"


def reward(sample: Sample) -> Score:
    """Score 1.0 for the right label in two lines, 0.3 for a wrong rule, 0.2 for a false alarm, 0.35 for passing
    where a decision was possible, 0 for a missed violation; less 0.2 in another form, less 0.5 when long or looping."""
    tidy = minimum(length=token_budget(sample, soft=60, hard=150), repetition=not_repetitive(sample))
    return penalised(
        label_answer(sample, LABELS, costs=COSTS, abstain=ABSTAIN),
        form=(0.2, matches(sample, FORM)),
        tidy=(0.5, tidy),
    )
