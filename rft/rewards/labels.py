"""Reading a label from a response, for classification."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from rft.rewards.contract import Sample, reference_response

MAX_CHARACTERS: Final = 20_000  # of a response, counted from its end
_STATED: Final = re.compile(
    r"(?:label|category|class|queue|answer)\s*(?:is|:|=)[ \t]*([^\n]{1,80})", re.IGNORECASE
)
_NOISE: Final = " \t\r\n*_`\"'.!#>()[]{}"


def label_answer(sample: Sample, labels: Sequence[str]) -> float:
    """Return 1.0 when the response names the reference's label and no other, else 0.0.

    Raises:
        MissingReferenceError: when there is no reference.
        ValueError: when the reference is not one of the labels.
    """
    expected = _match(reference_response(sample.reference), labels)
    if expected is None:
        raise ValueError("the reference_answer is not one of the labels")
    return float(find_label(sample.response, labels) == expected)


def is_bare_label(text: str, labels: Sequence[str]) -> bool:
    """Tell whether a response is a label exactly as listed and nothing else but white space around it."""
    return text.strip() in labels


def find_label(text: str, labels: Sequence[str]) -> str | None:
    """Return the label that a response settles on, None when it names none or several.

    Tried in this order: the whole text; a JSON object with one of the keys label, category, class; the last
    `label: X`; the only label that occurs as a word. Case and surrounding markup do not matter.
    """
    cleaned = text[-MAX_CHARACTERS:]
    whole = _match(cleaned, labels)
    if whole:
        return whole
    for candidate in (_from_json(cleaned), *_stated(cleaned)):
        found = _match(candidate, labels) if isinstance(candidate, str) else None
        if found:
            return found if not _others(_stated(cleaned), found, labels) else None
    named = {label for label in labels if _occurs(label, cleaned, labels)}
    return named.pop() if len(named) == 1 else None


def _match(text: str, labels: Sequence[str]) -> str | None:
    bare = text.strip(_NOISE).casefold()
    return next((label for label in labels if label.casefold() == bare), None)


def _from_json(text: str) -> Any:
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        value = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return None
    return next((value[key] for key in ("label", "category", "class") if key in value), None)


def _stated(text: str) -> list[str]:
    return _STATED.findall(text)[::-1]


def _others(stated: list[str], found: str, labels: Sequence[str]) -> bool:
    return any(_match(item, labels) not in (None, found) for item in stated)


def _occurs(label: str, text: str, labels: Sequence[str]) -> bool:
    """A label counts where it stands as a word of its own, not as part of a longer label."""
    longer = [other for other in labels if other != label and label.casefold() in other.casefold()]
    rest = text.casefold()
    for other in longer:
        rest = rest.replace(other.casefold(), " ")
    return re.search(rf"(?<![\w-]){re.escape(label.casefold())}(?![\w-])", rest) is not None
