"""How close a response is to the reference's text: `Sample -> Score`, the reference being what
`reference_response` returns.

Similarity is a stand-in for quality, and each kind is gamed in its own way:
- recall by length: copying the prompt or naming everything covers the reference (watch `precision`);
- precision by brevity: a few safe words are all in the reference (watch `recall`);
- any overlap by accident: two texts in one language share a third of their words, hence `threshold`;
- meaning is not seen: "is safe" and "is not safe" differ by one word and are nearly the same text.
So bound the length (`token_budget`, `relative_length`), prefer exact forms where there is one right answer, and
use a judge where there are many.

Options of the graded kinds: a similarity below `threshold` earns 0, one of `full_at` or more earns 1, in between
it counts as it is, divided by `full_at`. Words are those of `normalised`: case, punctuation and Unicode form do
not matter, look-alike letters of other scripts do. Words need spaces: for Chinese, Japanese or Thai use
`fuzzy_ratio`. Only the first 50,000 characters of each text are compared, equality apart. Where several answers are
right, take the best over `dataclasses.replace(sample, reference=each)`.
"""

import unicodedata
from collections import Counter
from typing import Final

from rft.rewards.contract import MissingReferenceError, Sample, Score, reference_response
from rft.rewards.words import is_blank, normalised

MAX_CHARACTERS: Final = 50_000


def exact_match(sample: Sample) -> Score:
    """Score 1.0 when the response is the reference, white space around both and Unicode's composed or decomposed
    form (NFC) apart, else 0.0. Punishes every matter of style; meant for codes, names and keys.

    Raises:
        MissingReferenceError: when there is no reference, or a blank one.
    """
    expected = _composed(reference_response(sample.reference))
    if is_blank(expected):
        raise MissingReferenceError("the reference_answer is blank; every blank response would match it")
    same = _composed(sample.response) == expected
    return Score(float(same), {}, () if same else ("not the reference",))


def normalised_match(sample: Sample, *, articles: bool = True) -> Score:
    """Score 1.0 when response and reference are the same words in the same order, else 0.0; see `normalised`.
    With `articles=False` the words a, an and the do not count, as in SQuAD. Numbers lose sign and point: compare
    them with `math_answer`. A response longer than 50,000 characters earns 0.

    Raises:
        MissingReferenceError: when there is no reference, or one without a word.
    """
    expected, given = compared(sample, articles=articles)
    same = given == expected and len(sample.response) <= MAX_CHARACTERS
    return Score(float(same), {}, () if same else ("not the reference's words",))


def token_f1(sample: Sample, *, articles: bool = True, threshold: float = 0.0, full_at: float = 1.0) -> Score:
    """Score the harmonic mean of precision and recall of words, each counted as often as it occurs: SQuAD's F1
    with `articles=False`. Order does not count, so a shuffled reference earns everything.

    Components: `precision`, `recall`, `f1`.

    Raises:
        MissingReferenceError: when there is no reference, or one without a word.
        ValueError: unless 0 <= threshold <= full_at and 0 < full_at <= 1.
    """
    expected, given = (text.split() for text in compared(sample, articles=articles))
    common = (Counter(expected) & Counter(given)).total()
    return graded("f1", common, len(expected), len(given), threshold, full_at)


def compared(sample: Sample, *, articles: bool = True) -> tuple[str, str]:
    """Return the reference's text and the response, both normalised, of their first 50,000 characters each.

    Raises:
        MissingReferenceError: when there is no reference, or one without a word.
    """
    expected = normalised(reference_response(sample.reference)[:MAX_CHARACTERS], articles=articles)
    if not expected:
        raise MissingReferenceError("the reference_answer has no word to compare; exact_match compares signs")
    return expected, normalised(sample.response[:MAX_CHARACTERS], articles=articles)


def graded(name: str, common: int, expected: int, given: int, threshold: float, full_at: float) -> Score:
    """Score the harmonic mean of precision (common / given) and recall (common / expected, which is above 0)."""
    precision, recall = common / given if given else 0.0, common / expected
    both = precision + recall
    similarity = 2 * precision * recall / both if both else 0.0
    components = {"precision": precision, "recall": recall, name: similarity}
    return Score(bounded(similarity, threshold, full_at), components)


def bounded(similarity: float, threshold: float, full_at: float) -> float:
    """Return 0.0 below `threshold`, 1.0 from `full_at` on, and the share of `full_at` in between.

    Raises:
        ValueError: unless 0 <= threshold <= full_at and 0 < full_at <= 1.
    """
    if not 0 <= threshold <= full_at or not 0 < full_at <= 1:
        raise ValueError("threshold and full_at must be 0 <= threshold <= full_at, 0 < full_at <= 1")
    return min(1.0, similarity / full_at) if similarity >= threshold else 0.0


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
