"""Edits of a reference answer: what wrong, partial or badly formatted answers look like."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

from rft.rewards.contract import IDEAL_RESPONSE_KEY, reference_response, unwrap_reference

NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")
MARKED = re.compile(r"(####|ANSWER:|Answer:|answer is)\s*(.+?)\s*\Z", re.DOTALL)
_BOXED = re.compile(r"\\boxed\{([^{}]*)\}")
SHORT_CHARACTERS: Final = 48
_SWAPS: Final = {"yes": "no", "no": "yes", "true": "false", "false": "true", "Yes": "No", "No": "Yes"}


def plain(reference: Any) -> Any:
    """What a model is to answer: the text of a reference that has one, else the object itself."""
    found = unwrap_reference(reference)
    has_text = isinstance(found, Mapping) and isinstance(found.get(IDEAL_RESPONSE_KEY), str)
    return found[IDEAL_RESPONSE_KEY] if has_text else found


def ideal(reference: Any) -> str:
    """The response that a reference stands for."""
    return reference_response(reference)


def final_value(text: str) -> str:
    """The bare answer at the end of a worked solution; the text itself when it is short."""
    boxed = _BOXED.findall(text)
    if boxed:
        return str(boxed[-1])
    marked = MARKED.search(text)
    if marked and len(marked[2]) <= SHORT_CHARACTERS:
        return str(marked[2])
    if len(text) <= SHORT_CHARACTERS:
        return text
    numbers = NUMBER.findall(text)
    return str(numbers[-1]) if numbers else text.split(".")[0][:SHORT_CHARACTERS]


def other_number(text: str, random: Random) -> str:
    """A number near the given one, in the same notation, never equal to it."""
    value = float(text.replace(",", ""))
    step = random.choice((1, 2, 10)) if abs(value) < 100 else random.choice((1, 10, 0.1 * abs(value)))
    changed = value + random.choice((-1, 1)) * step
    if "." in text:
        return f"{changed:.{len(text.split('.')[1])}f}"
    return str(round(changed)) if round(changed) != round(value) else str(round(value) + 1)


def wrong_text(text: str, labels: Sequence[str], random: Random) -> str:
    """The same kind of text with a wrong ending: another label, last number or last sentence."""
    if len(text) <= SHORT_CHARACTERS and not NUMBER.search(text):
        others = [label for label in labels if label != text]
        return random.choice(others) if others else _SWAPS.get(text, f"not {text}")
    value = final_value(text)
    if NUMBER.fullmatch(value):
        return _replace_last(text, value, other_number(value, random))
    numbers = list(NUMBER.finditer(text))
    if numbers:
        last = numbers[-1]
        return text[: last.start()] + other_number(last[0], random) + text[last.end() :]
    words = text.split()
    keep = max(1, int(len(words) * 0.6))
    return " ".join([*words[:keep], "and", "none", "of", "the", "rest", "applies."])


def _replace_last(text: str, old: str, new: str) -> str:
    head, _, tail = text.rpartition(old)
    return f"{head}{new}{tail}"


def wrong_value(value: Any, random: Random) -> Any:
    """A value of the same type that is not the given one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + random.choice((-2, -1, 1, 2, 10))
    if isinstance(value, float):
        return round(value * random.choice((0.9, 1.1, 10.0)) + 0.01, 4)
    if isinstance(value, str):
        numbers = NUMBER.findall(value)
        if numbers:
            return _replace_last(value, numbers[-1], other_number(numbers[-1], random))
        return _SWAPS.get(value) or (" ".join(value.split()[:-1]) if len(value.split()) > 1 else f"{value}s")
    if isinstance(value, list):
        return value[:-1] if value else ["unknown"]
    if isinstance(value, Mapping):
        return wrong_fields(value, 1, random)
    return "unknown"


def wrong_fields(answer: Mapping[str, Any], count: int, random: Random) -> dict[str, Any]:
    """A copy with `count` of its fields wrong (all of them when there are fewer)."""
    chosen = set(random.sample(sorted(answer), min(count, len(answer))))
    return {name: wrong_value(value, random) if name in chosen else value for name, value in answer.items()}


def without_fields(answer: Mapping[str, Any], random: Random) -> dict[str, Any]:
    """A copy that lacks about a third of its fields, at least one."""
    lost = set(random.sample(sorted(answer), max(1, len(answer) // 3)))
    return {name: value for name, value in answer.items() if name not in lost}


def hollow(value: Any) -> Any:
    """The same structure without content."""
    if isinstance(value, Mapping):
        return {name: hollow(item) for name, item in value.items()}
    if isinstance(value, list):
        return []
    return "" if isinstance(value, str) else None


def prose(value: Any) -> str:
    """An object told in sentences."""
    if isinstance(value, Mapping):
        return " ".join(f"The {name.replace('_', ' ')} is {prose(item)}." for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(prose(item) for item in value) or "none"
    return "not given" if value is None else str(value)
