"""Length: against verbosity hacking, where answers grow because more text finds more reward.

The length of an answer in tokens is estimated as its characters divided by 4, the usual rule of thumb for
English, because a reward function has no tokenizer. Code, numbers and other scripts have more tokens than that
(Chinese about one per character), so set the caps by looking at real answers. White space counts.

Failure modes: a budget pays for silence unless something else asks for content (blank responses earn 0 here, a
single word does not); a hard cap below what hard prompts need teaches to stop thinking; the caps must lie below
`inferenceMaxTokens`, or answers are cut off before they cost anything.
"""

from typing import Final

from rft.rewards.contract import MissingReferenceError, Sample, Score, reference_response
from rft.rewards.words import is_blank

CHARACTERS_PER_TOKEN: Final = 4


def token_budget(sample: Sample, *, soft: int, hard: int) -> Score:
    """Score 1.0 up to `soft` estimated tokens, then falling in a straight line to 0.0 at `hard` and beyond. Blank
    responses score 0.

    This is 1 plus the soft overlong punishment of DAPO (Yu et al. 2025, arXiv:2503.14476, equation 13) with
    L_max = `hard` and L_cache = `hard - soft`.

    Raises:
        ValueError: unless 0 < soft < hard.
    """
    if not 0 < soft < hard:
        raise ValueError("soft and hard must be 0 < soft < hard, in tokens")
    return _budget(sample.response, len(sample.response) / CHARACTERS_PER_TOKEN, soft, hard, "tokens")


def relative_length(sample: Sample, *, soft: float = 1.5, hard: float = 3.0, least: float = 0.0) -> Score:
    """Score 1.0 while the response has at most `soft` times the characters of the reference, then falling in a
    straight line to 0.0 at `hard` times and beyond; rising from 0.0 to 1.0 below `least` times. Only as good as
    the lengths of the references: it teaches their length, whatever the prompt needs.

    Raises:
        MissingReferenceError: when there is no reference, or a blank one.
        ValueError: unless 0 <= least <= 1 <= soft < hard.
    """
    if not 0 <= least <= 1 <= soft < hard:
        raise ValueError("least, soft and hard must be 0 <= least <= 1 <= soft < hard")
    reference = reference_response(sample.reference)
    if is_blank(reference):
        raise MissingReferenceError("the reference_answer is blank; it has no length to compare with")
    ratio = len(sample.response) / len(reference.strip())
    if ratio < least and not is_blank(sample.response):
        return Score(ratio / least, {}, ("shorter than asked for",))
    return _budget(sample.response, ratio, soft, hard, "times the reference")


def _budget(response: str, length: float, soft: float, hard: float, unit: str) -> Score:
    if is_blank(response):
        return Score(0.0, {}, ("blank",))
    value = min(1.0, max(0.0, (hard - length) / (hard - soft)))
    return Score(value, {}, () if value == 1 else (f"longer than {soft:g} {unit}",))
