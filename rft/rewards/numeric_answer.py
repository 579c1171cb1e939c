"""The one number of an answer as it is stated, such as `x = $1,234.50 per day`; nothing for several or a sum."""

import re
from typing import Final

from rft.rewards.number_words import read_words
from rft.rewards.numeric_text import NUMBER, Number, normalise, number_at, power_of_ten

MAX_LINE: Final = 2_000  # of the last line with a digit, counted from its end
_MAX_LISTED: Final = 20

_SENTENCE_END: Final = re.compile(r"[.!?;]\s+(?=[A-Z])|,?\s(?:because|since|as|which|where|given)\b")
# A remark in brackets behind the number: `72 (48 in April)`; `5 (2 + 3)` is a product.
_REMARK: Final = re.compile(r"(?<=[0-9a-z%$])\s+\((?=[^()]{0,200}[a-z=])[^()]{1,200}\)", re.IGNORECASE)
_DIGIT: Final = re.compile(r"[0-9]")
_BARE: Final = re.compile(r"[\s$+-]*[0-9][0-9.,]*\s*")
# Before a number: a function, a root, an operator, a bound or a negation makes another value of it.
_CHANGED_BEFORE: Final = re.compile(
    r"\\|√|[0-9a-z)\]}]\s*[-+*/^]\s*$|[*/^]\s*$|[a-z]\($|(?<![<>])[<>≤≥]\s*$|\bnot\b|\bbetween\b", re.I
)
# Behind it: an operation left undone, a variable, a constant, a bound, a range, a clock time.
_CHANGED_BEHIND: Final = re.compile(
    r"\s?(?:[-+*/^x]|\+-|±)+[\s({$]{0,4}(?:[0-9\\√π]|[xyzn]\b)|\s?[\\√π]|\.\\|\s?[xyzn](?![a-z0-9])|\^"
    r"|\s?\([a-z0-9]\s?[-+*/]|\(\s?[0-9a-z]|\s?[-+*/^]\s*$|\s?[-+*/]\s?[a-z]\b(?!')|\s?[<>≤≥]=?\s?(?:[0-9]|[a-z]\b)"
    r"|\s?(?:to|through|\.\.+|:)\s?\$?[0-9]|\s?[,.]?\s?\.\.\.|[eE][0-9]",
    re.IGNORECASE,
)
_JOINED: Final = re.compile(
    r"\s*[a-z%°]{0,12}\s*(?:or\b|and\b|/|,|;|\||\s)[^0-9a-z\n^]{0,6}(?=[0-9])", re.IGNORECASE
)
_HEDGE: Final = re.compile(
    r"\b(?:or|either|maybe|perhaps|possibly|alternatively|otherwise|could be|could also be|might be)\b[^0-9\n]{0,60}",
    re.IGNORECASE,
)
# The left side of an equation in a variable: `2x = 72`, `x + y = 72`.
_UNSOLVED: Final = re.compile(
    r"[0-9][xyzn](?![a-z0-9])|(?<![a-z0-9])[a-z]\s?[-+*/^]|[-+*/^]\s?[a-z](?![a-z])", re.IGNORECASE
)
_OPERAND: Final = re.compile(r"[0-9)\]}%]\s*$")
_BULLET: Final = re.compile(r"\s*(?:[-*•+>]\s+|[0-9]{1,2}[.)]\s+(?=\S*[a-z]))+", re.IGNORECASE)
_ALTERNATIVES: Final = re.compile(
    r"[0-9][^\n.!?]{0,60}\b(?:or|either|maybe)\b[^\n.!?]{0,60}[0-9]"
    r"|[0-9][^\n]{0,200}[.!?]\s*(?:or|maybe|perhaps|alternatively)\b[^\n.!?]{0,40}[0-9]",
    re.IGNORECASE,
)
_LISTED: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{1,20}[ \t]{0,3}(?:,[ \t]{1,3}|[;|/][ \t]{0,3})){2}"
    r"(?:[0-9]{1,20}[,;|/][ \t])*(?:(?:and|or)[ \t])?[0-9]"
    r"|(?<![0-9])(?<![0-9] )(?![0-9]{1,3}(?: [0-9]{3})+(?![0-9]))(?:[0-9]{1,20}[ \t]{1,3}){2}[0-9]"
)


def stated_number(answer: str) -> Number | None:
    """Return the number of a stated answer, None when it has none, offers several or leaves work undone."""
    text = normalise(answer)
    first = _DIGIT.search(text)
    if first is None:
        return _in_words(text)
    end = _SENTENCE_END.search(text, first.end())
    sentence, behind = (text[: end.start()], text[end.start() :]) if end else (text, "")
    number = _of_equation(sentence)
    if number is None or _hedged(sentence + behind, number):
        return None
    return number


def last_number(line: str) -> Number | None:
    """Return the last number of a line of prose, None when the line offers alternatives or a list of numbers."""
    text = normalise(line[-MAX_LINE:])
    bullet = _BULLET.match(text)
    text = text[bullet.end() :] if bullet else text
    if _ALTERNATIVES.search(text) or _LISTED.search(text):
        return None
    every = list(NUMBER.finditer(text))
    if not every:
        return None
    found = every[-1]
    before = text[max(0, found.start() - 80) : found.start()].rpartition("=")[2]
    if (found["sign"] and _OPERAND.search(before)) or _CHANGED_BEFORE.search(before):
        return None
    found = _without_dash(text, found)
    number, end = power_of_ten(text, found) or (number_at(found), found.end())
    return None if _CHANGED_BEHIND.match(text, end) else number


def words_number(line: str) -> Number | None:
    """Return the number that a line without digits names in words."""
    return _in_words(normalise(line[-MAX_LINE:]))


def _in_words(text: str) -> Number | None:
    value = read_words(text)
    return None if value is None else Number(value, "percent" in text or "per cent" in text)


def _of_equation(text: str) -> Number | None:
    text = _REMARK.sub("", text.rpartition("≈")[2])
    first, equals, rest = text.partition("=")
    if not equals:
        return _single(text)
    if _UNSOLVED.search(first):
        return None
    left, right = _single(first), _single(rest.rpartition("=")[2])
    if right is None:
        return left if _BARE.fullmatch(first) else None
    if left is not None and _BARE.fullmatch(first) and left != right:
        return None
    return right


def _single(text: str) -> Number | None:
    found = NUMBER.search(text)
    if found is None:
        return None
    before = text[max(0, found.start() - 80) : found.start()]
    found = _without_dash(text, found)
    number, end = power_of_ten(text, found) or (number_at(found), found.end())
    if "," in found["numeral"] and before.rstrip()[-1:] in ("(", "["):
        return None  # a pair or an interval
    if number is None or _CHANGED_BEFORE.search(before) or _CHANGED_BEHIND.match(text, end):
        return None
    for _ in range(_MAX_LISTED):
        joined = _JOINED.match(text, end)
        following = NUMBER.match(text, joined.end()) if joined else None
        if joined is None:
            return number
        also = number_at(following) if following else None
        if following is None or also is None or not also.agrees_with(number):
            return None
        end = following.end()
    return None


def _without_dash(text: str, found: re.Match[str]) -> re.Match[str]:
    """The match without a leading dash that is punctuation, as in `Total - 72`."""
    sign = found["sign"]
    before = text[max(0, found.start() - 8) : found.start()].rstrip()[-1:]
    if sign and before.isalpha() and (sign[-1].isspace() or text[found.start() - 1].isalpha()):
        return NUMBER.match(text, found.start() + len(sign)) or found
    return found


def _hedged(text: str, number: Number) -> bool:
    """Whether another number is offered with "or", "maybe" and the like."""
    for hedge in _HEDGE.finditer(text):
        other = NUMBER.match(text, hedge.end())
        also = number_at(other) if other else None
        if other is not None and (also is None or not also.agrees_with(number)):
            return True
        if other is None:
            words = read_words(text[hedge.start() : hedge.end()])
            if words is not None and words != number.value:
                return True
    return False
