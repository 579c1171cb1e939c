"""The forms that a judge fills in, and how they are read: what does not fit is no judgement."""

from collections.abc import Mapping
from typing import Any, Final

from rft.rewards.judge.asking import UnreadableError
from rft.rewards.judge.rubric import Rubric

REASON: Final = "_reason"
GRADE: Final = "_grade"
BETTER: Final = "better"
FIRST, SECOND, TIE = "first", "second", "tie"


def grading_form(rubric: Rubric) -> dict[str, Any]:
    """Return the JSON schema of a grading. Flat, because small judges fill nested forms badly; a reason comes
    before its grade, because a grade that follows from a written reason is more accurate."""
    properties: dict[str, Any] = {}
    for criterion in rubric.criteria:
        properties[criterion.name + REASON] = {
            "type": "string",
            "description": f"One short sentence on {criterion.name}, without a grade.",
        }
        properties[criterion.name + GRADE] = {
            "type": "integer",
            "minimum": rubric.low,
            "maximum": rubric.high,
            "description": f"Grade of {criterion.name}, {rubric.low} (worst) to {rubric.high} (best).",
        }
    return {"type": "object", "properties": properties, "required": list(properties)}


def read_grades(given: Mapping[str, Any], rubric: Rubric) -> dict[str, int]:
    """Return the grade of every criterion.

    Raises:
        UnreadableError: when one is missing, no whole number (text and booleans are not), or off the scale.
    """
    return {criterion.name: _grade(given, criterion.name, rubric) for criterion in rubric.criteria}


def _grade(given: Mapping[str, Any], name: str, rubric: Rubric) -> int:
    value = given.get(name + GRADE)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnreadableError(f"the grade of {name} is {type(value).__name__}, not a number")
    if isinstance(value, float) and not value.is_integer():
        raise UnreadableError(f"the grade of {name} is not a whole number")
    if not rubric.low <= value <= rubric.high:
        raise UnreadableError(f"the grade of {name} is off the scale of {rubric.low} to {rubric.high}")
    return int(value)


COMPARING_FORM: Final[Mapping[str, Any]] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "description": "One short sentence on what decides."},
        BETTER: {"type": "string", "enum": [FIRST, SECOND, TIE], "description": "The better response."},
    },
    "required": ["reason", BETTER],
}


def read_comparison(given: Mapping[str, Any]) -> str:
    """Return `first`, `second` or `tie`.

    Raises:
        UnreadableError: when it is anything else.
    """
    value = given.get(BETTER)
    if value not in (FIRST, SECOND, TIE):
        raise UnreadableError(f"{BETTER} is none of {FIRST}, {SECOND}, {TIE}")
    return str(value)
