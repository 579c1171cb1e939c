"""Judge models, simulated: word overlap in the place of judgement, in the form of the tool that is forced.

It understands nothing. It grades how much of the reference a response has, takes off for numbers that differ and
for length, and so keeps good, partial, wrong and padded answers in their order. Words to the judge are words like
others to it: that a real judge withstands them is not shown by it.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

_TAGGED = re.compile(r"<([\w-]+)[^<>]*>((?:(?!<\1\b).)*?)</\1>", re.DOTALL)
_HEADED = re.compile(
    r"^[#*\s]*([A-Za-z][\w ]{2,40})[*]*:[*]*[ \t]*\n?(.*?)(?=\n[#*\s]*[A-Z][\w ]{2,40}[*]*:|\Z)", re.M | re.S
)
_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")
_REFERENCE: Final = (
    "reference",
    "gold",
    "expected",
    "ideal",
    "source",
    "document",
    "context",
    "task",
    "question",
)
_CANDIDATE: Final = (
    "candidate",
    "response",
    "answer",
    "completion",
    "submission",
    "output",
    "summary",
    "text",
)
_PAIR: Final = ("first", "second")
# Any two texts of one kind share about this much, and the same text in another form all but a little.
_CHANCE: Final = 0.3
_SAME: Final = 0.97
_NUMBERS_WEIGHT: Final = 0.6  # what a response loses whose numbers are all wrong
_LONG: Final = 1.5  # times the reference's words; beyond that length costs
_EVEN: Final = 0.02  # closer grades than this are a tie


def _section(sections: Mapping[str, str], names: Sequence[str], taken: str | None = None) -> str | None:
    """Name of the section that fits the earliest of `names`, other than the one taken."""
    for name in names:
        for title in sections:
            if title != taken and name in title.lower():
                return title
    return None


def overlap(prompt: str) -> float:
    """Likeness of the prompt's reference and candidate sections, 0 to 1.

    Sections are tags such as `<reference>`, else headings such as `Candidate:`; else the candidate is
    the last paragraph, which is held against the rest.
    """
    for pattern in (_TAGGED, _HEADED):
        sections = dict(pattern.findall(prompt))
        gold = _section(sections, _REFERENCE)
        given = _section(sections, _CANDIDATE, gold)
        if gold is not None and given is not None:
            return likeness(sections[gold], sections[given])
    head, _, last = prompt.strip().rpartition("\n\n")
    return likeness(head, last)


def compare(prompt: str) -> tuple[float, float] | None:
    """Likeness of the sections `first…` and `second…` to the reference; None when there are no two of them.

    Without a reference they are held against the task, so that the one which speaks of it wins.
    """
    sections = dict(_TAGGED.findall(prompt))
    names = [_section(sections, (place,)) for place in _PAIR]
    if names[0] is None or names[1] is None:
        return None
    gold = _section(sections, _REFERENCE)
    known = sections[gold] if gold is not None else ""
    return likeness(known, sections[names[0]]), likeness(known, sections[names[1]])


def likeness(reference: str, candidate: str) -> float:
    """1 for the same words in the same order, 0 for what any two texts share."""
    wanted, given = _WORD.findall(reference.lower()), _WORD.findall(candidate.lower())
    if not wanted or not given:
        return 0.0
    words, pairs = _f1(wanted, given), _f1(_pairs(wanted), _pairs(given))
    shared = min(1.0, max(0.0, ((words + pairs) / 2 - _CHANCE) / (_SAME - _CHANCE)))
    numbers = [[word for word in text if _DIGIT.search(word)] for text in (wanted, given)]
    exact = _f1(*numbers) if any(numbers) else 1.0
    brief = min(1.0, _LONG * len(wanted) / len(given))
    return shared * (1 - _NUMBERS_WEIGHT * (1 - exact)) * brief


def _pairs(words: Sequence[str]) -> list[str]:
    return [f"{one} {two}" for one, two in pairwise(words)] or list(words)


def _f1(reference: Sequence[str], candidate: Sequence[str]) -> float:
    common = (Counter(reference) & Counter(candidate)).total()
    return 2 * common / (len(reference) + len(candidate)) if common else 0.0


def fill(schema: Any, prompt: str) -> Any:
    """Return a value that fits a JSON schema and expresses the judgement of a prompt."""
    pair = compare(prompt)
    if pair is not None:
        return _fill(schema, pair[0], _winner(*pair))
    return _fill(schema, overlap(prompt), None)


def _winner(first: float, second: float) -> str | None:
    if abs(first - second) <= _EVEN:
        return None
    return _PAIR[0] if first > second else _PAIR[1]


def _fill(schema: Any, grade: float, winner: str | None) -> Any:
    if not isinstance(schema, Mapping):
        return {}
    if schema.get("enum"):
        return _choice(schema["enum"], grade, winner)
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "object" or "properties" in schema:
        parts = (schema.get("properties") or {}).items()
        return {name: _fill(part, grade, winner) for name, part in parts}
    if kind == "array":
        return [_fill(schema.get("items", {}), grade, winner) for _ in range(int(schema.get("minItems", 1)))]
    if kind in ("number", "integer"):
        low = float(schema.get("minimum", 0))
        high = float(schema.get("maximum", low + 1))
        value = low + grade * (high - low)
        return round(value) if kind == "integer" else round(value, 4)
    if kind == "boolean":
        return grade >= 0.5
    return f"Simulated: the words and numbers agree with the reference by {grade:.0%}."


def _choice(options: Sequence[Any], grade: float, winner: str | None) -> Any:
    """Of numbers the one nearest to the grade; of words the winner's or the one for a tie, else the first."""
    if all(isinstance(option, int | float) for option in options):
        low, high = min(options), max(options)
        return min(options, key=lambda option: abs(option - (low + grade * (high - low))))
    wanted = winner or "tie"
    return next((option for option in options if wanted in str(option).lower()), options[0])
