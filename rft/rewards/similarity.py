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
`fuzzy_ratio`. Only the first 50,000 characters of each text are compared, equality apart.
"""

import unicodedata
from collections import Counter
from typing import Final

from rft.rewards.contract import MissingReferenceError, Sample, Score, reference_response
from rft.rewards.words import normalised

MAX_CHARACTERS: Final = 50_000


def exact_match(sample: Sample) -> Score:
    """Score 1.0 when the response is the reference, white space around both and Unicode's composed or decomposed
    form (NFC) apart, else 0.0. Punishes every matter of style; meant for codes, names and keys.

    Raises:
        MissingReferenceError: when there is no reference, or a blank one.
    """
    same = _composed(sample.response) == _composed(_reference(sample))
    return Score(float(same), {}, () if same else ("not the reference",))


def normalised_match(sample: Sample, *, articles: bool = True) -> Score:
    """Score 1.0 when response and reference are the same words in the same order, else 0.0; see `normalised`.
    With `articles=False` the words a, an and the do not count, as in SQuAD. Numbers lose sign and point: compare
    them with `math_answer`. A response longer than 50,000 characters earns 0.

    Raises:
        MissingReferenceError: when there is no reference, or one without a word.
    """
    expected = _words(_reference(sample)[:MAX_CHARACTERS], articles)
    comparable = len(sample.response) <= MAX_CHARACTERS
    same = comparable and normalised(sample.response, articles=articles) == expected
    return Score(float(same), {}, () if same else ("not the reference's words",))


def token_f1(sample: Sample, *, articles: bool = True, threshold: float = 0.0, full_at: float = 1.0) -> Score:
    """Score the harmonic mean of precision and recall of words, each counted as often as it occurs: SQuAD's F1
    with `articles=False`. Order does not count, so a shuffled reference earns everything.

    Components: `precision`, `recall`, `f1`.

    Raises:
        MissingReferenceError: when there is no reference, or one without a word.
        ValueError: unless 0 <= threshold <= full_at and 0 < full_at <= 1.
    """
    expected = _words(_reference(sample)[:MAX_CHARACTERS], articles).split()
    given = normalised(sample.response[:MAX_CHARACTERS], articles=articles).split()
    common = (Counter(expected) & Counter(given)).total()
    return _graded(*_f_measure(common, len(given), len(expected)), "f1", threshold, full_at)


def rouge_l(sample: Sample, *, articles: bool = True, threshold: float = 0.0, full_at: float = 1.0) -> Score:
    """Score ROUGE-L: the harmonic mean of precision and recall of the longest common subsequence of words (Lin
    2004, "ROUGE: A Package for Automatic Evaluation of Summaries", section 3.1, beta = 1). Order counts, gaps do
    not. No stemming, and one sequence per text, not the union over sentences of ROUGE-Lsum.

    Components: `precision`, `recall`, `rouge_l`.

    Raises:
        MissingReferenceError: when there is no reference, or one without a word.
        ValueError: unless 0 <= threshold <= full_at and 0 < full_at <= 1.
    """
    from rapidfuzz.distance import LCSseq

    expected = _words(_reference(sample)[:MAX_CHARACTERS], articles).split()
    given = normalised(sample.response[:MAX_CHARACTERS], articles=articles).split()
    common = LCSseq.similarity(expected, given)
    return _graded(*_f_measure(common, len(given), len(expected)), "rouge_l", threshold, full_at)


def fuzzy_ratio(sample: Sample, *, threshold: float = 0.0, full_at: float = 1.0) -> Score:
    """Score 2 * LCS / (sum of lengths) over the characters of both texts after `normalised`: rapidfuzz's `ratio`.
    Forgives typing errors and word endings. Any two texts of one language reach 0.3 to 0.5, and one wrong digit in
    a long number costs next to nothing: set a `threshold`, and never use it for numbers or codes.

    Components: `ratio`.

    Raises:
        MissingReferenceError: when there is no reference, or one without a word.
        ValueError: unless 0 <= threshold <= full_at and 0 < full_at <= 1.
    """
    from rapidfuzz import fuzz

    expected = _words(_reference(sample)[:MAX_CHARACTERS], True)
    ratio = fuzz.ratio(expected, normalised(sample.response[:MAX_CHARACTERS])) / 100
    return Score(_steps(ratio, threshold, full_at), {"ratio": ratio})


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _reference(sample: Sample) -> str:
    text = reference_response(sample.reference)
    if not text.strip():
        raise MissingReferenceError("the reference_answer is blank; every blank response would match it")
    return text


def _words(reference: str, articles: bool) -> str:
    text = normalised(reference, articles=articles)
    if not text:
        raise MissingReferenceError("the reference_answer has no word to compare; use exact_match")
    return text


def _f_measure(common: int, given: int, expected: int) -> tuple[float, float, float]:
    precision = common / given if given else 0.0
    recall = common / expected
    both = precision + recall
    return precision, recall, 2 * precision * recall / both if both else 0.0


def _graded(
    precision: float, recall: float, f_measure: float, name: str, threshold: float, full_at: float
) -> Score:
    components = {"precision": precision, "recall": recall, name: f_measure}
    return Score(_steps(f_measure, threshold, full_at), components)


def _steps(similarity: float, threshold: float, full_at: float) -> float:
    if not 0 <= threshold <= full_at or not 0 < full_at <= 1:
        raise ValueError("threshold and full_at must be 0 <= threshold <= full_at, 0 < full_at <= 1")
    return min(1.0, similarity / full_at) if similarity >= threshold else 0.0
