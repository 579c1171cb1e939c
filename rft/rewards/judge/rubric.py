"""Rubrics: what a judge grades, on which scale, and what it gets to see."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

SIGHTS: Final = ("prompt", "reference", "context")
MAX_CRITERIA: Final = 8
MAX_SCALE: Final = 100
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class RubricError(ValueError):
    """A rubric that cannot be used; the message says where, what, and what is allowed."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question that is graded on its own.

    `name` is lower-case with underscores and becomes the score's component; `weight` is above 0; `anchors` say
    what some of the grades mean, which makes judges agree more with people and with themselves.
    """

    name: str
    question: str
    weight: float = 1.0
    anchors: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rubric:
    """What to grade. The judge always sees the response; `sees` names what else of `prompt` (the conversation),
    `reference` and `context` (what the answer must rest on).

    Grades are whole numbers from `low` to `high`; a short scale whose grades are described is graded more
    steadily than a long one.

    Raises:
        RubricError: naming the part that is wrong and what is allowed there.
    """

    goal: str
    criteria: tuple[Criterion, ...]
    sees: tuple[str, ...] = ("prompt",)
    low: int = 1
    high: int = 5

    def __post_init__(self) -> None:
        if not self.goal.strip():
            raise RubricError("goal: empty; want a sentence on what a good response does")
        if not 1 <= self.high - self.low <= MAX_SCALE:
            raise RubricError(
                f"scale: {self.low} to {self.high}; want max above min, at most {MAX_SCALE} apart"
            )
        if not 1 <= len(self.criteria) <= MAX_CRITERIA:
            raise RubricError(f"criteria: {len(self.criteria)}; want 1 to {MAX_CRITERIA}")
        unknown = [name for name in self.sees if name not in SIGHTS]
        if unknown or len(set(self.sees)) < len(self.sees):
            raise RubricError(f"sees: {', '.join(self.sees)}; want some of {', '.join(SIGHTS)}, each once")
        for number, criterion in enumerate(self.criteria):
            self._check(number, criterion)

    def _check(self, number: int, criterion: Criterion) -> None:
        where = f"criteria.{number}"
        if not _NAME.fullmatch(criterion.name):
            raise RubricError(f"{where}.name: want lower-case letters, digits and _, at most 40, no gaps")
        if criterion.name in [other.name for other in self.criteria[:number]]:
            raise RubricError(f"{where}.name: {criterion.name} is there already; want another name")
        if not criterion.question.strip():
            raise RubricError(f"{where}.question: empty; want a question about the response")
        if not 0 < criterion.weight <= 1000:
            raise RubricError(f"{where}.weight: {criterion.weight:g}; want a number above 0, at most 1000")
        for grade, told in criterion.anchors.items():
            if not self.low <= grade <= self.high or not told.strip():
                raise RubricError(
                    f"{where}.anchors.{grade}: want a description of a grade from {self.low} to {self.high}"
                )

    def share(self, grade: float) -> float:
        """Return where a grade lies between the worst (0.0) and the best (1.0)."""
        return (grade - self.low) / (self.high - self.low)
