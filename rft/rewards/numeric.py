"""Exact comparison of a response's final number with the reference's, for word problems in the manner of GSM8K.

Where the answer is looked for: 1. behind `####`, in `\\boxed{}` and in `<answer>`; all of them must agree;
2. after "the answer is" and "Answer:"; 3. the last number of the last line that has one, which can be turned
off. Several different final answers earn nothing, so guessing does not pay. How numbers may be written:
`rft.rewards.numeric_text`.

Known limits: `1.234` is a decimal number and `1,234` is not; of a percent sign on one side alone, `50%` equals 50 and
0.5; units are not compared; a number in words counts only where no digit stands; sums are not evaluated.
"""

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from rft.rewards.answer_places import (
    BOX,
    MARK,
    MAX_ANSWERS,
    MAX_CHARACTERS,
    TAG,
    marked_answers,
    stated_answers,
)
from rft.rewards.contract import MissingReferenceError, Sample, Score
from rft.rewards.number_words import read_words
from rft.rewards.numeric_answer import last_number, stated_number, words_number
from rft.rewards.numeric_text import Number

# Keys of an object that holds the reference, in the order of trust.
REFERENCE_KEYS: Final = ("final_answer", "answer", "value", "ground_truth", "text", "ideal_response")
GROUND_TRUTH: Final = (
    "ground_truth"  # AWS's sample dataset carries the bare number beside the worked solution
)

_SIMPLE: Final = r"-?\$?(?:[0-9]{1,15}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4})(?:\.[0-9]{1,15})?"
_SIMPLE_END: Final = re.compile(rf"####[ \t]*({_SIMPLE})\.?\s*\Z")
_SIMPLE_BOX: Final = re.compile(rf"\\boxed\{{({_SIMPLE})\}}")
_END_OF_THOUGHT: Final = "</think>"  # what a model tries while it thinks is no answer
_HAS_DIGIT: Final = re.compile(r"[\d¼-¾⅐-⅞]")
_ONLY_NUMBER: Final = re.compile(r"[^\w\n]{0,8}\d[\d.,]{0,60}[^\w\n]{0,8}")
_STARTS_WITH_NUMBER: Final = re.compile(r"[\s$€£¥*\\({-]{0,12}\d")

_EXACT: Final = Fraction(0)
_NO_REFERENCE: Final = "the reference_answer holds no final number"
_RIGHT: Final = Score(1.0, MappingProxyType({"number": 1.0}))
_WRONG: Final = Score(0.0, MappingProxyType({"number": 0.0}), ("another number than the reference's",))
_NOTHING: Final = Score(
    0.0, MappingProxyType({"number": 0.0}), ("no final number, or several different ones",)
)


def math_answer(
    sample: Sample, *, absolute: float = 0.0, relative: float = 0.0, last_number: bool = True
) -> Score:
    """Score 1.0 when the response's final number equals the reference's, else 0.0.

    Args:
        sample: its reference is a text ("... #### 72", "72"), a number, or an object with one of `REFERENCE_KEYS`.
        absolute: difference that still counts as equal, 0 or more, in the answer's unit.
        relative: the same as a share of the reference; the larger of both holds.
        last_number: take the last number of an answer that is not marked or stated as such.

    Raises:
        MissingReferenceError: when the reference holds no number; counted as an error, never guessed.
        ValueError: when a tolerance is negative or not finite.
    """
    reference = sample.reference
    written = _simple_number(sample.response)
    if written is not None and type(reference) is str and not absolute and not relative:
        return _simple_score(written, reference)
    expected = reference_number(sample)
    if expected is None:
        raise MissingReferenceError(_NO_REFERENCE)
    number = read_number(sample.response, last_number) if written is None else _simple_value(written)
    if number is None:
        return _NOTHING
    margin = _margin(expected.value, absolute, relative) if absolute or relative else _EXACT
    return _RIGHT if number.agrees_with(expected, margin) else _WRONG


def final_number(text: str, *, last_number: bool = True) -> Fraction | None:
    """Return the number that a text ends up with, None when there is none or it names several different ones.

    A percent sign is dropped like any unit.
    """
    number = read_number(text, last_number)
    return None if number is None else number.value


def reference_number(sample: Sample) -> Number | None:
    """Return the number of a sample's reference, None when it holds none.

    Without a reference, the record's `ground_truth` stands for it.
    """
    reference = sample.reference if sample.reference is not None else sample.extra.get(GROUND_TRUTH)
    return _referenced(reference)


def _referenced(reference: Any, depth: int = 2) -> Number | None:
    if isinstance(reference, str):
        return _text_reference(reference)
    if isinstance(reference, bool):
        return None
    if isinstance(reference, int | float):
        return Number(Fraction(repr(reference))) if math.isfinite(reference) else None
    if isinstance(reference, Mapping) and depth:
        found = (_referenced(reference[key], depth - 1) for key in REFERENCE_KEYS if key in reference)
        return next((number for number in found if number is not None), None)
    return None


@lru_cache(maxsize=4096)
def _text_reference(text: str) -> Number | None:
    if "\n" not in text and MARK not in text and _STARTS_WITH_NUMBER.match(text):
        return stated_number(text)
    return read_number(text, last=True)


def _margin(expected: Fraction, absolute: float, relative: float) -> Fraction:
    if not (0 <= absolute < math.inf and 0 <= relative < math.inf):
        raise ValueError("a tolerance must be finite and 0 or more")
    return max(Fraction(repr(absolute)), Fraction(repr(relative)) * abs(expected))


def _simple_number(text: str) -> str | None:
    """The final number of most answers as it is written, cheaply; None leaves it to `read_number`.

    Where this finds one, `read_number` comes to the same.
    """
    mark = text.rfind(MARK)
    found = _SIMPLE_END.match(text, mark) if mark >= 0 else None
    # Looking for one character first is many times faster than for the whole mark.
    if found is None or (text.find("#") != mark and text.find(MARK) != mark) or len(text) > MAX_CHARACTERS:
        return None
    number = found[1]
    backslash = text.find("\\")
    box = text.find(BOX, backslash) if backslash >= 0 else -1
    if box >= 0:
        boxed = _SIMPLE_BOX.match(text, box)
        if boxed is None or boxed[1] != number or text.find(BOX, box + 1) >= 0:
            return None
    if text.rfind(TAG) >= 0 or (not text.isascii() and "＃" in text):
        return None
    return number


@lru_cache(maxsize=4096)
def _simple_score(written: str, reference: str) -> Score:
    expected = _text_reference(reference)
    if expected is None:
        raise MissingReferenceError(_NO_REFERENCE)
    return _RIGHT if _simple_value(written).agrees_with(expected) else _WRONG


@lru_cache(maxsize=4096)
def _simple_value(written: str) -> Number:
    return Number(Fraction(written.replace(",", "").replace("$", "")))


def read_number(text: str, last: bool) -> Number | None:
    text = text[-MAX_CHARACTERS:]
    if not text.isascii():
        text = text.replace("＃", "#")
    text = text.rpartition(_END_OF_THOUGHT)[2]
    marked = marked_answers(text)
    if marked:
        return _common(marked)
    stated = [
        answer
        for answer in stated_answers(text)
        if _HAS_DIGIT.search(answer) or read_words(answer) is not None
    ]
    if stated:
        return _common(stated)
    return _last(text) if last else None


def _common(answers: list[str]) -> Number | None:
    """The number that all of them state."""
    agreed: Number | None = None
    if len(answers) > MAX_ANSWERS:
        return None
    for answer in answers:
        number = stated_number(answer)
        if number is None or (agreed is not None and not number.agrees_with(agreed)):
            return None
        agreed = number
    return agreed


def _last(text: str) -> Number | None:
    lines = [line for line in text.splitlines() if line.strip()]
    with_digits = [index for index, line in enumerate(lines) if _HAS_DIGIT.search(line)]
    if not with_digits:
        return words_number(lines[-1]) if lines else None
    index = with_digits[-1]
    number = last_number(lines[index])
    listed = index > 0 and _ONLY_NUMBER.fullmatch(lines[index]) and _ONLY_NUMBER.fullmatch(lines[index - 1])
    return None if listed and last_number(lines[index - 1]) != number else number
