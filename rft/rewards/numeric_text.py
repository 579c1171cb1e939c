"""Reading one number from a short text such as the rest of an answer line.

Nothing is evaluated: linear patterns find a numeral, and its digits become an exact fraction.
"""

import re
import unicodedata
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

MAX_DIGITS: Final = 60  # of a numeral; a longer one is no answer
MAX_EXPONENT: Final = 308  # of a power of ten, as for a double
_MAX_NUMERAL: Final = 100  # characters, separators counted

NUMERAL: Final = r"(?:[0-9]|\.(?=[0-9]))(?:[0-9]|[.,'_](?=[0-9])|[ ](?=[0-9]{3}(?![0-9])))*"
_CURRENCY: Final = (
    r"(?:[A-Za-z]{0,3}\$+|(?:USD|EUR|GBP|JPY|CHF|CNY|INR|AUD|CAD|NZD|SEK|NOK|DKK|PLN|BRL|ZAR|Rs|INR)\b\.?)"
)
NUMBER: Final = re.compile(
    rf"""(?<![0-9A-Za-z^_])(?<![0-9]\.)
    (?P<sign>[-+]\s?)?(?:{_CURRENCY}\s?|(?:USD|EUR|GBP|Rs\.?)(?=[0-9]))?(?P<inner>-\s?)?
    (?:(?P<whole>[0-9]{{1,9}})\s{{1,2}}(?=[0-9]{{1,9}}\s?/\s?[0-9]))?
    (?P<numeral>{NUMERAL})
    (?:e(?P<exponent>[+-]?[0-9]+)(?![0-9a-z])|\s?[*x]\s?10\s?\^\s?[({{]?(?P<ten>[+-]?[0-9]+)[)}}]?)?
    (?:\s?/\s?(?P<divisor>{NUMERAL})(?![0-9.]*/))?
    (?P<percent>\s?(?:%|per\s?cent\b))?
    (?:[ -]?(?P<scale>hundred|thousand|million|billion|trillion)\b|(?P<kilo>k)\b)?""",
    re.VERBOSE | re.IGNORECASE,
)
_POWER: Final = re.compile(r"\s?\^\s?[({]?([+-]?[0-9]+)[)}]?")
_GROUPED: Final = (
    re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?"),
    re.compile(r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?"),
)
_SPACED: Final = re.compile(r"[1-9][0-9]{0,2}([ '_])[0-9]{3}(?:\1[0-9]{3})*(?:[.,][0-9]+)?")
_EUROPEAN: Final = re.compile(
    r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}|[0-9]+,[0-9]+"
)
_PLAIN: Final = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
_SCALES: Final = {
    "hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "trillion": 10**12,
}  # fmt: skip
_COINS: Final = re.compile(
    r"([0-9])\s?(?:dollars?|euros?|pounds?) and ([0-9]{1,2}) (?:cents?|pence|p)\b", re.I
)

_SYMBOLS: Final = {
    "×": "*", "✕": "*", "·": "*", "⋅": "*", "∙": "*", "÷": "/", "⁄": "/", "∕": "/", "−": "-", "٫": ".",
    "٬": ",", "’": "'", "‘": "'", "ʼ": "'", "′": "'", "≈": "≈", "≃": "≈", "°": "°", "√": "√", "º": "°",
}  # fmt: skip
_SUPERSCRIPT: Final = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_LATEX_WORDS: Final = (
    (re.compile(r"\\(?:left|right|displaystyle|big|Big|!)(?![a-zA-Z])|\^\s?\{?\\circ\}?|\\degree"), ""),
    (re.compile(r"\\(?:[,;: ()\[\]]|q?quad(?![a-zA-Z])|\\)|~"), " "),
    (re.compile(r"\\(?:times|cdot|ast)(?![a-zA-Z])"), "*"),
    (re.compile(r"\\div(?![a-zA-Z])"), "/"),
    (re.compile(r"\\(?:approx|simeq)(?![a-zA-Z])"), "≈"),
    (re.compile(r"\\(?:text)?(?:dollar|euro|pounds|yen|\$)(?![a-zA-Z])"), "$"),
    (re.compile(r"\\([%#&])"), r"\1"),
)
_WRAPPER: Final = re.compile(
    r"\\(?:boxed|text|textbf|textit|textrm|mathrm|mathbf|mathit|mathsf|mbox|hbox|operatorname|emph|underline)\s?"
    r"\{([^{}]{0,400})\}"
)
_FRACTION: Final = re.compile(
    r"\\[dtcs]?frac\s?(?:\{([^{}]{1,80})\}|([0-9]))\s?(?:\{([^{}]{1,80})\}|([0-9]))"
)
_OPERATION: Final = re.compile(r".[-+*/^]")
_BRACED_POWER: Final = re.compile(r"\^\s?\{\s?([+-]?[0-9]{1,9})\s?\}")
_MARKUP: Final = re.compile(
    r"(?<![0-9*])\*{2,3}(?!\*)|\*{2,3}(?![0-9*])|`|(?<![0-9A-Za-z])_+|_+(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z)%\]}*\s])\*|\*(?=[.,;!?\s]*$)"
)
_MAX_NESTING: Final = 4


class Number(NamedTuple):
    """A number as it is written, and whether a percent sign stood behind it."""

    value: Fraction
    percent: bool = False

    def agrees_with(self, other: "Number", margin: Fraction = Fraction(0)) -> bool:
        """Tell whether two numbers mean the same; of one alone with a sign, `50%` is as good as 50 and 0.5."""
        if self.value == other.value or (margin and abs(self.value - other.value) <= margin):
            return True
        if self.percent == other.percent:
            return False
        mine, its = (n.value / 100 if n.percent else n.value for n in (self, other))
        return abs(mine - its) <= margin


def normalise(text: str) -> str:
    """Undo typography, Markdown and LaTeX that mean nothing: dashes, digits of any script, bold, fractions."""
    if not text.isascii():
        text = _SUPERSCRIPT.sub(lambda found: "^" + found[0].translate(_SUPERSCRIPTS), text)
        text = "".join(
            [character if character < "\x80" else _plain_character(character) for character in text]
        )
    if "\\" in text or "{" in text or "~" in text:
        text = _without_latex(text)
    return _COINS.sub(_decimal_coins, _MARKUP.sub("", text))


def number_at(found: re.Match[str]) -> Number | None:
    """Return the number of a match of `NUMBER`; None when its digits follow no known notation or pass a limit."""
    value = read_numeral(found["numeral"])
    if value is None:
        return None
    exponent = found["exponent"] or found["ten"]
    if exponent:
        if len(exponent) > 5 or abs(int(exponent)) > MAX_EXPONENT:
            return None
        value *= Fraction(10) ** int(exponent)
    if found["divisor"]:
        divisor = read_numeral(found["divisor"])
        if not divisor:
            return None
        value /= divisor
    if found["whole"]:
        value += int(found["whole"])
    value *= _SCALES[found["scale"].lower()] if found["scale"] else 1000 if found["kilo"] else 1
    negative = ((found["sign"] or "")[:1] == "-") != (found["inner"] is not None)
    return Number(-value if negative else value, found["percent"] is not None)


def power_of_ten(text: str, found: re.Match[str]) -> tuple[Number, int] | None:
    """Return the number and the end of `10^6` when the match is its 10, else None."""
    power = _POWER.match(text, found.end()) if found["numeral"] == "10" and found[0].endswith("10") else None
    if power is None or len(power[1]) > 5 or abs(int(power[1])) > MAX_EXPONENT:
        return None
    value = Fraction(10) ** int(power[1])
    return Number(-value if found["sign"] and found["sign"][0] == "-" else value), power.end()


@lru_cache(maxsize=4096)
def read_numeral(text: str) -> Fraction | None:
    """Return the value of digits with separators: `1,234.5`, `1 234,5`, `1.234,5`, `1'234`, `1_234`, `1,00,000`.

    One comma or dot alone is a thousands separator only as `1,234`; `1.234` is a decimal number.
    """
    if len(text) > _MAX_NUMERAL or sum(character.isdigit() for character in text) > MAX_DIGITS:
        return None
    if _PLAIN.fullmatch(text):
        return Fraction(text)
    if any(pattern.fullmatch(text) for pattern in _GROUPED):
        return Fraction(text.replace(",", ""))
    if _SPACED.fullmatch(text):
        return Fraction(re.sub("[ '_]", "", text).replace(",", "."))
    if _EUROPEAN.fullmatch(text):
        return Fraction(text.replace(".", "").replace(",", "."))
    return None


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character in _SYMBOLS:
        return _SYMBOLS[character]
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    category = unicodedata.category(character)
    if category in _BY_CATEGORY:
        return _BY_CATEGORY[category]
    plain = unicodedata.normalize("NFKC", character)
    if category == "No" and "⁄" in plain:
        return f" {plain.replace('⁄', '/')} "
    return plain if plain.isascii() else character


_BY_CATEGORY: Final = {"Zs": " ", "Pd": "-", "Sc": "$", "Cf": ""}


def _without_latex(text: str) -> str:
    text = text.replace("\\$", "$").replace("{,}", ",")
    for pattern, replacement in _LATEX_WORDS:
        text = pattern.sub(replacement, text)
    for _ in range(_MAX_NESTING):
        text, wrappers = _WRAPPER.subn(r" \1 ", text)
        text, fractions = _FRACTION.subn(_slashed, text)
        if not wrappers and not fractions:
            break
    return _BRACED_POWER.sub(r"^\1", text)


def _slashed(found: re.Match[str]) -> str:
    top, bottom = (
        f"({part})" if _OPERATION.search(part) else part
        for part in (found[1] or found[2], found[3] or found[4])
    )
    return f" {top}/{bottom} "


def _decimal_coins(found: re.Match[str]) -> str:
    return f"{found[1]}.{found[2]:0>2}"
