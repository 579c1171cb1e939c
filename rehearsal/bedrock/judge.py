"""Judge models: a grade from the overlap of candidate and reference, in the tool's schema."""

import re
from collections.abc import Mapping
from typing import Any, Final

_TAGGED = re.compile(r"<([\w-]+)[^<>]*>((?:(?!<\1\b).)*?)</\1>", re.DOTALL)
_HEADED = re.compile(
    r"^[#*\s]*([A-Za-z][\w ]{2,40})[*]*:[*]*[ \t]*\n?(.*?)(?=\n[#*\s]*[A-Z][\w ]{2,40}[*]*:|\Z)", re.M | re.S
)
_WORD = re.compile(r"\w+")
_REFERENCE: Final = ("reference", "gold", "expected", "ideal", "source", "document")
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


def _section(sections: Mapping[str, str], names: tuple[str, ...], taken: str | None = None) -> str | None:
    """Name of the section that fits the earliest of `names`, other than the one taken."""
    for name in names:
        for title in sections:
            if title != taken and name in title.lower():
                return title
    return None


def overlap(prompt: str) -> float:
    """F1 of the words in the prompt's reference and candidate sections, 0 to 1.

    Sections are tags such as `<reference>`, else headings such as `Candidate:`; else the candidate is
    the last paragraph, which is held against the rest.
    """
    for pattern in (_TAGGED, _HEADED):
        sections = dict(pattern.findall(prompt))
        gold = _section(sections, _REFERENCE)
        given = _section(sections, _CANDIDATE, gold)
        if gold is not None and given is not None:
            return _f1(sections[gold], sections[given])
    head, _, last = prompt.strip().rpartition("\n\n")
    return _f1(head, last)


def _f1(reference: str, candidate: str) -> float:
    wanted, given = set(_WORD.findall(reference.lower())), set(_WORD.findall(candidate.lower()))
    if not wanted or not given:
        return 0.0
    return 2 * len(wanted & given) / (len(wanted) + len(given))


def fill(schema: Any, grade: float) -> Any:
    """Return a value that fits a JSON schema and expresses a grade from 0 to 1."""
    if not isinstance(schema, Mapping):
        return {}
    if schema.get("enum"):
        options = schema["enum"]
        if all(isinstance(option, int | float) for option in options):
            low, high = min(options), max(options)
            return min(options, key=lambda option: abs(option - (low + grade * (high - low))))
        return options[0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind == "object" or "properties" in schema:
        return {name: fill(part, grade) for name, part in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [fill(schema.get("items", {}), grade) for _ in range(int(schema.get("minItems", 1)))]
    if kind in ("number", "integer"):
        low = float(schema.get("minimum", 0))
        high = float(schema.get("maximum", low + 1))
        value = low + grade * (high - low)
        return round(value) if kind == "integer" else round(value, 4)
    if kind == "boolean":
        return grade >= 0.5
    return f"The overlap with the reference is {grade:.0%}."
