"""Exact comparison of a response's final number with the reference's, for word problems in the manner of
GSM8K.

Nothing is evaluated: numbers are read by linear patterns into fractions. Where the answer is looked for:
1. after `####` and in `\\boxed{}`; all of them must agree; 2. after "the answer is" and "Answer:"; 3. the
last number of the last line that has one. Several different final answers earn nothing, so guessing does not
pay.

Known limits: `.` is always the decimal point; `50%` equals 50 and not 0.5; units are not compared; a base-10
exponent is read up to two digits; numbers longer than 60 digits are no answers.
"""

import re
from fractions import Fraction
from typing import Any, Final

from rft.rewards.contract import MissingReferenceError, Sample, unwrap_reference

MAX_CHARACTERS: Final = 100_000  # of a response, counted from its end
MAX_DIGITS: Final = 60

_DIGITS = r"[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+"
_NUMBER: Final = re.compile(
    rf"""(?P<sign>(?<![0-9A-Za-z)\].])-\s?)?
    (?:[$€£¥₹]\s?)?(?P<inner>-)?
    (?:(?P<whole>[0-9]{{1,9}})\s(?=[0-9]{{1,9}}/[0-9]))?
    (?:(?P<int>{_DIGITS})(?:\.(?P<frac>[0-9]+))?|\.(?P<bare>[0-9]+))
    (?:[eE](?P<exp>[+-]?[0-9]{{1,2}})(?![0-9A-Za-z]))?
    (?:\s?/\s?(?P<den>{_DIGITS})(?![0-9.]*/))?""",
    re.VERBOSE,
)
_LATEX_FRACTION: Final = re.compile(r"\\[dtc]?frac\s?\{([^{}]{1,40})\}\s?\{([^{}]{1,40})\}")
_LATEX_WRAPPER: Final = re.compile(r"\\(?:text|mathrm|mathbf|textbf|mbox|operatorname)\s?\{([^{}]{0,80})\}")
_MARKER: Final = re.compile(r"####[ \t]*(?:\n[ \t]*)?([^\n]*)")
_BOXED: Final = re.compile(r"\\boxed\s?\{([^{}\n]{0,200})\}")
_STATED: Final = re.compile(
    r"\b(?:(?:final |correct )?answer(?: is| =|:)|answer is:)[ \t]*([^\n]{0,200})", re.IGNORECASE
)
_JOINED: Final = re.compile(
    r"^\s*[a-z%°]{0,12}\s*(?:or\b|and\b|/|,|;|\||\s)[^0-9a-z\n]{0,6}[0-9]", re.IGNORECASE
)
_ALTERNATIVES: Final = re.compile(
    r"[0-9][^\n.!?]{0,60}\b(?:or|either|maybe)\b[^\n.!?]{0,60}[0-9]", re.IGNORECASE
)
_LISTED: Final = re.compile(
    r"(?<![0-9])(?:[0-9]{1,20}[ \t]{0,3}[,;|][ \t]{1,3}){2}"
    r"(?:[0-9]{1,20}[,;|][ \t])*(?:(?:and|or)[ \t])?[0-9]"
)
_UNFINISHED: Final = re.compile(r"\s?(?:[-+*/^×·]|\\times|\\cdot)+\s?[0-9]")  # `48+24` is no answer yet
_BOLD: Final = re.compile(r"(?<![0-9])\*\*|\*\*(?![0-9])")
_NOISE: Final = ("__", "`", "\\(", "\\)", "\\[", "\\]", "\\!", "\\,", "\\;", "\\left", "\\right")
_PLAIN: Final = str.maketrans(
    {
        "−": "-",
        "–": "-",
        "﹣": "-",
        "－": "-",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "⁄": "/",
        "＃": "#",
    }
    | {chr(0xFF10 + digit): str(digit) for digit in range(10)}
)


def math_answer(sample: Sample) -> float:
    """Return 1.0 when the response's final number equals the reference's, else 0.0.

    Raises:
        MissingReferenceError: when the reference holds no number; counted as an error, never guessed.
    """
    expected = _reference_number(sample.reference)
    if expected is None:
        raise MissingReferenceError("the reference_answer holds no final number")
    return float(final_number(sample.response) == expected)


def final_number(text: str) -> Fraction | None:
    """Return the number that a text ends up with, None when there is none or it names several different
    ones."""
    cleaned = _plain(text[-MAX_CHARACTERS:])
    marked = [_MARKER.findall(cleaned), _BOXED.findall(cleaned)]
    explicit = [answer for answers in marked for answer in answers]
    candidates = explicit or _STATED.findall(cleaned)
    if candidates:
        values = {_single_number(candidate) for candidate in candidates}
        if len(values) == 1:
            return values.pop()
        return None
    lines = [line for line in cleaned.splitlines() if any(c.isdigit() for c in line)]
    if not lines or _ALTERNATIVES.search(lines[-1]) or _LISTED.search(lines[-1]):
        return None
    numbers = list(_NUMBER.finditer(lines[-1]))
    return _value(numbers[-1]) if numbers else None


def _reference_number(reference: Any) -> Fraction | None:
    plain = unwrap_reference(reference)
    if isinstance(plain, dict):
        plain = next((plain[key] for key in ("answer", "final_answer", "value") if key in plain), None)
    if isinstance(plain, bool):
        return None
    if isinstance(plain, int | float):
        plain = repr(plain)
    return final_number(plain) if isinstance(plain, str) else None


def _plain(text: str) -> str:
    """Undo typography and markup that mean nothing: dashes, wide digits, bold, LaTeX spacing and
    fractions."""
    text = text.translate(_PLAIN)
    text = _BOLD.sub("", text.replace("\\$", "$"))
    for noise in _NOISE:
        text = text.replace(noise, "")
    text = text.replace("{,}", ",").replace("\\%", "%").replace("~", " ")
    text = _LATEX_FRACTION.sub(r"\1/\2", text)
    return _LATEX_WRAPPER.sub(r" \1", text)


def _single_number(text: str) -> Fraction | None:
    """The number of a stated answer such as `x = $1,234.50 per day`; None when it offers several."""
    last = text.rsplit("=", 1)[-1]
    found = _NUMBER.search(last)
    if found is None:
        return None
    rest = last[found.end() :]
    if _JOINED.match(rest) or _UNFINISHED.match(rest) or re.search(r"\bor\b[^\n]{0,60}[0-9]", rest):
        return None
    return _value(found)


def _value(found: re.Match[str]) -> Fraction | None:
    groups = found.groupdict()
    whole, number, den = groups["whole"], groups["int"] or "0", groups["den"]
    decimals = groups["frac"] or groups["bare"] or ""
    if len(number) + len(decimals) + len(den or "") > MAX_DIGITS:
        return None
    value = Fraction(f"{number.replace(',', '')}.{decimals or '0'}")
    if groups["exp"]:
        value *= Fraction(10) ** int(groups["exp"])
    if den is not None:
        divisor = int(den.replace(",", ""))
        if divisor == 0:
            return None
        value /= divisor
    if whole:
        value += int(whole)
    return -value if groups["sign"] or groups["inner"] else value
