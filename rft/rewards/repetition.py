"""Repetition: answers that loop, and one answer given again and again."""

from typing import Final

from rft.rewards.contract import Sample, Score
from rft.rewards.words import is_blank, words

MAX_CHARACTERS: Final = 50_000  # of a response, counted from its end, where loops are
NGRAM: Final = 3  # words


def not_repetitive(sample: Sample, *, soft: float = 0.3, hard: float = 0.5) -> Score:
    """Score 1.0 while at most the share `soft` of the response's word triples are repeats, then falling in a
    straight line to 0.0 at `hard` and beyond. Blank responses score 0.

    The share is `repeated_share`; a long answer given twice comes to 0.5, ten times to 0.9. Components: `repeated`.

    Failure modes: code, tables, JSON and step-by-step sums repeat themselves by nature, so raise `soft` or leave
    this out; a loop with a counter in it ("step 1 …, step 2 …") repeats little; long honest texts repeat more
    than short ones (of the 8,792 solutions of GSM8K 0.4 % exceed 0.3, of which 2 exceed 0.5).

    Raises:
        ValueError: unless 0 <= soft < hard <= 1.
    """
    if not 0 <= soft < hard <= 1:
        raise ValueError("soft and hard must be 0 <= soft < hard <= 1")
    if is_blank(sample.response):
        return Score(0.0, {"repeated": 0.0}, ("blank",))
    share = repeated_share(sample.response)
    value = min(1.0, max(0.0, (hard - share) / (hard - soft)))
    return Score(value, {"repeated": share}, () if value == 1 else ("repeats itself",))


def repeated_share(text: str) -> float:
    """Return 1 - distinct / all n-grams of a text's words, in [0, 1]: how much of it was said before.

    n is 3, less for texts of under 6 words, so that a word said twice (0.5) is seen too; the measure is that of
    open-r1's repetition penalty. Runs of more than 40 characters without a space are read by character, which
    covers loops without spaces and scripts without them.
    """
    found = words(text[-MAX_CHARACTERS:])
    size = max(1, min(NGRAM, len(found) // 2))
    count = len(found) - size + 1
    if count < 1:
        return 0.0
    return 1.0 - len({tuple(found[start : start + size]) for start in range(count)}) / count
