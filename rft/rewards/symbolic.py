"""Comparison of mathematics that is more than a number: `2\\sqrt{3}`, `x^2 + 1`, `(3, \\pi)`.

Numbers are decided by `rft.rewards.numeric`; equal spelling is decided here. Only what is left, and only where the
reference is mathematics, goes to math-verify (0.9.0, Apache-2.0) in a process that is killed after `seconds`. Before
that, sizes are capped. Nothing of a response is ever evaluated as Python.

Known limits: inherited from math-verify, among them equations that differ by a factor and units that are dropped; a
comparison that needs more than the time allowed earns nothing, so a slow machine may judge a hard one otherwise.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from rft.rewards import symbolic_child
from rft.rewards.answer_places import marked_answers, stated_answers
from rft.rewards.contract import MissingReferenceError, Sample, Score
from rft.rewards.numeric import GROUND_TRUTH, REFERENCE_KEYS, read_number
from rft.rewards.numeric_answer import stated_number
from rft.rewards.symbolic_process import DIED, TIMED_OUT, Comparer

MAX_RESPONSE: Final = 4_000  # characters of a response, counted from its end
MAX_EXPRESSION: Final = 256  # characters of one answer
MAX_CANDIDATES: Final = 3  # different final answers that are looked at; all of them must be right
SECONDS: Final = 2.0

# Sizes that make symbolic algebra slow: long numerals, big or stacked powers of numbers, factorials, deep braces.
_TOO_BIG: Final = re.compile(
    r"[0-9]{31}|\^\s?\{?\s?[+-]?[0-9]{4}|[0-9]\s?\^\s?\{?\s?[0-9]+\s?(?:\^|\*\*)|\*\*[^*]{1,40}\*\*|[0-9]{3}\s?\)?\s?!|\)\s?!|!\s?!"
    r"|(?:\{[^{}]{0,60}){9}"
)
_OTHER_BASE: Final = re.compile(r"[0-9]\s?_")  # math-verify overlooks the base of `11_2`
_OFFERS: Final = re.compile(r"\b(?:or|either|maybe|perhaps)\b", re.IGNORECASE)
_DOLLARS: Final = re.compile(r"\$\$?([^$]{1,400})\$\$?|\\\(([^$]{1,400}?)\\\)|\\\[([^$]{1,400}?)\\\]")
_WORD: Final = re.compile(r"(?<![\\a-zA-Z])[a-zA-Z]{2,}")
_MATHEMATICS: Final = re.compile(r"[\\^_=+*/<>(\[]|[0-9][a-z]|[a-z][0-9]|\A\s*-?[a-zA-Z]\s*\Z")
_SPACING: Final = re.compile(r"\\(?:left|right|,|;|:|!|quad|qquad|displaystyle| )(?![a-zA-Z])|\\?\$|\s+|~")
_comparer: Final = Comparer()


def symbolic_answer(sample: Sample, *, seconds: float = SECONDS, last_number: bool = True) -> Score:
    """Score 1.0 when the response's final answer equals the reference's as mathematics, else 0.0.

    Args:
        sample: its reference is LaTeX, alone, after `####` or in `\\boxed{}`, a number, or an object holding one.
        seconds: time for one comparison; then its process is killed and the answer earns nothing.
        last_number: as in `math_answer`, for references that are numbers.

    Returns:
        The components `equivalent`, and `undecided` = 1 when time or size ended the comparison.

    Raises:
        MissingReferenceError: when the reference is missing or cannot be read as mathematics.
        SymbolicUnavailableError: when math-verify is needed and cannot start.
        ValueError: when `seconds` is not above 0.
    """
    if not seconds > 0:
        raise ValueError("seconds must be above 0")
    gold = _gold(sample.reference if sample.reference is not None else sample.extra.get(GROUND_TRUTH))
    if gold is None or _TOO_BIG.search(gold) or len(gold) > MAX_EXPRESSION:
        raise MissingReferenceError(
            "the reference_answer holds no mathematics of the size that can be compared"
        )
    response = sample.response[-MAX_RESPONSE:]
    expected = stated_number(gold)
    if expected is not None:
        number = read_number(response, last_number)
        if number is not None:
            return _score(number.agrees_with(expected))
    candidates = _candidates(response)
    if not candidates or len(candidates) > MAX_CANDIDATES:
        return _score(False, "no final answer, or too many different ones")
    open_ones = [candidate for candidate in candidates if spelling(candidate) != spelling(gold)]
    if not open_ones:
        return _score(True)
    if not _is_mathematics(gold) or (expected is not None and "\\" not in gold):
        return _score(False)
    return _compared(gold, open_ones, seconds)


def spelling(latex: str) -> str:
    """Return LaTeX without spacing, dollar signs and variants of the same command."""
    return re.sub(r"\\[dtc]frac", r"\\frac", _SPACING.sub("", latex)).rstrip(".,;")


def _compared(gold: str, candidates: list[str], seconds: float) -> Score:
    for candidate in candidates:
        if len(candidate) > MAX_EXPRESSION or _TOO_BIG.search(candidate):
            return _score(False, "an answer beyond the sizes that are compared", undecided=True)
        if _OFFERS.search(candidate) and not _OFFERS.search(gold):
            return _score(False, "several answers offered")
        if _OTHER_BASE.search(gold) or _OTHER_BASE.search(candidate):
            return _score(False, "a number of another base, written otherwise than the reference's")
        verdict = _verdict(gold, candidate, seconds)
        if verdict == symbolic_child.NO_GOLD:
            raise MissingReferenceError("the reference_answer cannot be read as mathematics")
        if verdict in (TIMED_OUT, DIED):
            return _score(False, f"the comparison {verdict}", undecided=True)
        if verdict != symbolic_child.EQUAL:
            return _score(False)
    return _score(True)


def _verdict(gold: str, candidate: str, seconds: float) -> str:
    return _comparer.compare(gold.strip(" $"), candidate.strip(" $."), seconds)


def _score(
    right: bool, reason: str = "another answer than the reference's", *, undecided: bool = False
) -> Score:
    components = MappingProxyType({"equivalent": float(right), "undecided": float(undecided)})
    return Score(float(right), components, () if right else (reason,))


def _is_mathematics(gold: str) -> bool:
    return _MATHEMATICS.search(gold) is not None and ("\\" in gold or not _WORD.search(gold))


def _gold(reference: Any, depth: int = 2) -> str | None:
    if isinstance(reference, str):
        return _gold_text(reference)
    if isinstance(reference, int | float) and not isinstance(reference, bool):
        return repr(reference)
    if isinstance(reference, Mapping) and depth:
        found = (_gold(reference[key], depth - 1) for key in REFERENCE_KEYS if key in reference)
        return next((text for text in found if text), None)
    return None


@lru_cache(maxsize=1024)
def _gold_text(text: str) -> str | None:
    marked = marked_answers(text)
    if marked:
        return marked[-1] or None
    if "\n" not in text.strip() and len(text) <= MAX_EXPRESSION:
        return text.strip().strip("$").strip() or None
    return next(iter(_candidates(text[-MAX_RESPONSE:])[-1:]), None)


def _candidates(text: str) -> list[str]:
    """Final answers as written: marked, else stated, else the last formula, else the last line."""
    marked = marked_answers(text)
    if marked:
        return [answer for answer in marked if answer]
    stated = [_formula(answer) for answer in stated_answers(text)]
    if stated:
        return list(dict.fromkeys(stated))
    formulas = _DOLLARS.findall(text)
    if formulas:
        return ["".join(formulas[-1]).strip()]
    lines = text.strip().splitlines()
    return lines[-1:]


def _formula(answer: str) -> str:
    """The formula of a sentence such as `$2\\pi$ by symmetry`."""
    found = _DOLLARS.search(answer)
    return "".join(group or "" for group in found.groups()).strip() if found else answer.strip(" .*")
