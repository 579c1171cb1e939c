"""How close a response is to the reference's text in its order, by rapidfuzz: see `similarity` for what holds of
all such measures, for their options, and for the ways in which they are gamed.
"""

from rft.rewards.contract import Sample, Score
from rft.rewards.similarity import bounded, compared, graded


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

    expected, given = (text.split() for text in compared(sample, articles=articles))
    common = LCSseq.similarity(expected, given)
    return graded("rouge_l", common, len(expected), len(given), threshold, full_at)


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

    expected, given = compared(sample)
    ratio = fuzz.ratio(expected, given) / 100
    return Score(bounded(ratio, threshold, full_at), {"ratio": ratio})
