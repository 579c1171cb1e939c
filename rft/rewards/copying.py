"""Copying: answers that repeat the prompt where their own words are wanted."""

from typing import Final

from rft.rewards.contract import Sample, Score
from rft.rewards.words import words

MAX_CHARACTERS: Final = 50_000  # of the response and of the prompt
RUN: Final = 6  # words; shorter runs are shared by honest texts on one subject


def own_words(sample: Sample, *, soft: float = 0.25, hard: float = 0.6, run: int = RUN) -> Score:
    """Score 1.0 while at most the share `soft` of the response's runs of `run` words stand in the prompt too, then
    falling in a straight line to 0.0 at `hard` and beyond. Blank responses score 0.

    A response of fewer words is one run. Case and punctuation do not count. Components: `copied`, the share. It is
    the idea of extractive fragments (Grusky et al. 2018, arXiv:1804.11283, section 4.1) with runs of one length.

    Failure modes: names, titles and quotations are copies by right, so `soft` must leave room for them; a word
    changed in every run hides a copy; translations and word for word paraphrases are not seen.

    Raises:
        ValueError: unless 0 <= soft < hard <= 1 and `run` is at least 1.
    """
    if not 0 <= soft < hard <= 1 or run < 1:
        raise ValueError("soft and hard must be 0 <= soft < hard <= 1, and run at least 1")
    said = words(sample.response[:MAX_CHARACTERS])
    if not said:
        return Score(0.0, {"copied": 0.0}, ("blank",))
    size = min(run, len(said))
    known = set(_runs(words(sample.prompt[:MAX_CHARACTERS]), size))
    runs = _runs(said, size)
    share = sum(one in known for one in runs) / len(runs)
    value = min(1.0, max(0.0, (hard - share) / (hard - soft)))
    return Score(value, {"copied": share}, () if value == 1 else ("copied from the prompt",))


def _runs(found: list[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(found[start : start + size]) for start in range(len(found) - size + 1)]
