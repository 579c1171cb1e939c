"""Reading English number words: `seventy-two`, `one hundred and five`, `three quarters`, `two point five`.

Known limits: up to 999,999,999; ordinals are no numbers; a list such as `twenty thirty` is no number either.
"""

import re
from fractions import Fraction
from typing import Final

MAX_WORDS: Final = 60  # of a text, looked at
_UNITS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES: Final = (("million", 1_000_000), ("thousand", 1_000))
_PARTS: Final = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "eighth": 8,
    "tenth": 10,
}
_PLURALS: Final = {"halves": 2} | {f"{word}s": value for word, value in _PARTS.items() if word != "half"}
_ARTICLES: Final = ("a", "an")
_AFTER_ARTICLE: Final = {"hundred", "thousand", "million", "dozen"} | set(_PARTS)
_WORD: Final = re.compile(r"[a-z]+")
_FIRST: Final = frozenset(_UNITS) | frozenset(_TENS) | frozenset(_ARTICLES) | {"half", "minus", "negative"}


def read_words(text: str) -> Fraction | None:
    """Return the one number that a text names in words, None when it names none or several different ones.

    "one of them" names 1, so it is for places where an answer is expected and no digit stands.
    """
    words = _WORD.findall(text.casefold())[:MAX_WORDS]
    found: set[Fraction] = set()
    position = 0
    while position < len(words):
        value, after = _signed(words, position) if words[position] in _FIRST else (None, position)
        if value is not None:
            found.add(value)
        position = max(after, position + 1)
    return found.pop() if len(found) == 1 else None


def _signed(words: list[str], at: int) -> tuple[Fraction | None, int]:
    if words[at] in ("minus", "negative"):
        value, after = _number(words, at + 1)
        return (None if value is None else -value), after
    return _number(words, at)


def _number(words: list[str], at: int) -> tuple[Fraction | None, int]:
    """A whole number with what follows it, or a fraction alone."""
    if _word(words, at) == "half":
        return Fraction(1, 2), at + 1
    if _word(words, at) in _ARTICLES:
        if _word(words, at + 1) in _PARTS:
            return Fraction(1, _PARTS[words[at + 1]]), at + 2
        if _word(words, at + 1) not in _AFTER_ARTICLE:
            return None, at + 1
    whole, after = _whole(words, at)
    return (None, at + 1) if whole is None else _extended(words, whole, after)


def _extended(words: list[str], whole: int, at: int) -> tuple[Fraction, int]:
    """A whole number with a fraction, decimals or a dozen behind it."""
    following = _word(words, at)
    if following == "dozen":
        return Fraction(12 * whole), at + 1
    if following in _PLURALS or (whole == 1 and following in _PARTS):
        return Fraction(whole, _PLURALS.get(following) or _PARTS[following]), at + 1
    if following == "point":
        return _decimals(words, whole, at)
    if following == "and":
        part, end = _number(words, at + 1)
        if part is not None and 0 < part < 1:
            return whole + part, end
    return Fraction(whole), at


def _decimals(words: list[str], whole: int, at: int) -> tuple[Fraction, int]:
    digits, end = "", at + 1
    while _UNITS.get(_word(words, end), 10) < 10:
        digits += str(_UNITS[words[end]])
        end += 1
    return (Fraction(f"{whole}.{digits}"), end) if digits else (Fraction(whole), at)


def _whole(words: list[str], at: int) -> tuple[int | None, int]:
    total: int | None = None
    for scale_word, scale in (*_SCALES, ("", 1)):
        start = at + 1 if total is not None and _word(words, at) == "and" else at
        value, after = _below_thousand(words, start)
        if value is None:
            continue
        if scale == 1:
            return (total or 0) + value, after
        if _word(words, after) == scale_word:
            total, at = (total or 0) + value * scale, after + 1
    return total, at


def _below_thousand(words: list[str], at: int) -> tuple[int | None, int]:
    if _word(words, at) in _ARTICLES and _word(words, at + 1) in _AFTER_ARTICLE:
        value, after = 1, at + 1
    else:
        small, after = _below_hundred(words, at)
        if small is None:
            return None, at
        value = small
    if _word(words, after) != "hundred":
        return value, after
    value, after = value * 100, after + 1
    rest, end = _below_hundred(words, after + 1 if _word(words, after) == "and" else after)
    return (value, after) if rest is None else (value + rest, end)


def _below_hundred(words: list[str], at: int) -> tuple[int | None, int]:
    word = _word(words, at)
    if word in _TENS:
        unit = _UNITS.get(_word(words, at + 1), 0)
        return (_TENS[word] + unit, at + 2) if 0 < unit < 10 else (_TENS[word], at + 1)
    return (_UNITS[word], at + 1) if word in _UNITS else (None, at)


def _word(words: list[str], at: int) -> str:
    return words[at] if at < len(words) else ""
