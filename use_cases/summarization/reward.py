"""Reward of summaries: a judge's grades, as long as the summary keeps to the length and to its own words."""

from rft.rewards import SUMMARISATION, Sample, Score, judged, own_words, product

MAX_WORDS = 60  # what the prompt says
NOT_READ_FROM = 90  # from here on a summary earns nothing


def reward(sample: Sample) -> Score:
    """Score the judge's weighted grades times length times own words; without the last two there is no judging."""
    brief, own = within_words(sample.response), own_words(sample)
    if not brief or not own.value:
        return Score(0.0, {"judged": 0.0, "brief": brief, "own_words": own.value}, own.reasons)
    grades = judged(sample, SUMMARISATION)
    score = product(judged=grades, brief=brief, own_words=own)
    return Score(score.value, {**grades.components, **score.components}, score.reasons)


def within_words(text: str) -> float:
    """Return 1.0 up to 60 words, then falling in a straight line to 0.0 at 90; 0.0 for none."""
    count = len(text.split())
    return min(1.0, max(0.0, (NOT_READ_FROM - count) / (NOT_READ_FROM - MAX_WORDS))) if count else 0.0
