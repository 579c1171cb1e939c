"""Own rubrics, as YAML beside the use case's `reward.py`.

goal: A good reply solves the customer's problem in a tone that fits a bank.
sees: [prompt, reference]
scale: {min: 1, max: 5}
criteria:
  - name: solves
    question: Does the reply solve what the customer asked for?
    weight: 3
    anchors:
      1: ignores the question
      5: solves it in full
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rft.rewards.judge.rubric import Criterion, Rubric, RubricError

_KEYS: Final = {"goal", "sees", "scale", "criteria"}
_CRITERION_KEYS: Final = {"name", "question", "weight", "anchors"}
_SCALE_KEYS: Final = {"min", "max"}


def read_rubric(path: Path) -> Rubric:
    """Read a rubric from a YAML file.

    Raises:
        RubricError: one line with the file's name, the key, and what is allowed there.
    """
    from rft import strict_yaml

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RubricError(f"{path.name}: cannot be read as UTF-8 text ({type(error).__name__})") from None
    try:
        return _rubric(strict_yaml.load(text, number_keys=True))
    except (strict_yaml.YamlError, RubricError) as error:
        raise RubricError(f"{path.name}: {error}") from None


def _rubric(value: Any) -> Rubric:
    given = _keys(value, "", _KEYS, needed={"goal", "criteria"})
    scale = _keys(given.get("scale", {}), "scale", _SCALE_KEYS)
    criteria = given["criteria"]
    if not isinstance(criteria, list):
        raise RubricError("criteria: want a list of criteria")
    return Rubric(
        goal=_text(given["goal"], "goal"),
        criteria=tuple(_criterion(item, f"criteria.{number}") for number, item in enumerate(criteria)),
        sees=_sees(given.get("sees", ["prompt"])),
        low=_whole(scale.get("min", 1), "scale.min"),
        high=_whole(scale.get("max", 5), "scale.max"),
    )


def _criterion(value: Any, where: str) -> Criterion:
    given = _keys(value, where, _CRITERION_KEYS, needed={"name", "question"})
    weight = given.get("weight", 1)
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise RubricError(f"{where}.weight: want a number above 0")
    anchors = given.get("anchors", {})
    if not isinstance(anchors, Mapping):
        raise RubricError(f"{where}.anchors: want descriptions by grade, such as 1: ignores the question")
    return Criterion(
        name=_text(given["name"], f"{where}.name"),
        question=_text(given["question"], f"{where}.question"),
        weight=float(weight),
        anchors={
            _whole(grade, f"{where}.anchors.{grade}"): _text(told, f"{where}.anchors.{grade}")
            for grade, told in anchors.items()
        },
    )


def _keys(value: Any, where: str, allowed: set[str], needed: set[str] | None = None) -> Mapping[str, Any]:
    start = f"{where}: " if where else ""
    if not isinstance(value, Mapping):
        raise RubricError(f"{start}want keys; allowed: {', '.join(sorted(allowed))}")
    unknown = [str(key) for key in value if key not in allowed]
    if unknown:
        raise RubricError(f"{start}unknown key {unknown[0]}; allowed: {', '.join(sorted(allowed))}")
    missing = sorted((needed or set()) - set(value))
    if missing:
        raise RubricError(f"{start}{missing[0]} is missing; it has no default")
    return value


def _sees(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise RubricError("sees: want a list, such as [prompt, reference]")
    return tuple(_text(item, "sees") for item in value)


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise RubricError(f"{where}: want text; put it in quotes")
    return value


def _whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise RubricError(f"{where}: want a whole number")
    return value
