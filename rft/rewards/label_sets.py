"""Reading a set of labels from a response, for moderation and tagging with several categories at once."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from rft.rewards.contract import MissingReferenceError, Sample, Score, unwrap_reference
from rft.rewards.labels import MAX_CHARACTERS, Synonyms, label_names, match_label

MAX_LABELS: Final = 100  # a longer list is no answer
_STATED: Final = re.compile(
    r"(?:labels?|categories|category|classes|tags)\s*(?:are|is|:|=)[ \t]*([^\n]{1,2000})", re.IGNORECASE
)
_BETWEEN: Final = re.compile(r"[,;\n|]|\band\b")
Measure = Literal["f1", "jaccard", "exact"]


def labels_answer(
    sample: Sample,
    labels: Sequence[str],
    *,
    measure: Measure = "f1",
    empty: str | None = None,
    synonyms: Synonyms | None = None,
) -> Score:
    """Score a set of labels against the reference's: F1, Jaccard index, or 1.0 for the same set only.

    The response gives its labels as a JSON list (alone or under the key labels, categories or tags), as one line
    `labels: a, b`, or as nothing but a list with commas, semicolons or line breaks. Order and repetition do not
    matter. Words in the list that are no labels count as one wrong label. `empty` is the word for no label at all,
    which must stand alone. The reference is such a text, a list, or an object with `labels`.

    Components: `answered`, `precision`, `recall`, `exact`.

    Failure modes: with F1 every label at once earns 2k / (k + n) where k of n are right, which is much when there
    are few labels: use `exact` or `jaccard` below about ten; with `empty` frequent, never flagging anything pays.

    Raises:
        MissingReferenceError: when there is no reference, or it is not a set of the labels.
        ValueError: when `synonyms` is for no label or for two.
    """
    names = label_names((*labels, *([empty] if empty else [])), synonyms)
    expected = _found(_reference(sample.reference), names, empty)
    if expected is None or None in expected:
        raise MissingReferenceError("the reference_answer is not a set of the labels; mend the record")
    given = _found(sample.response, names, empty)
    parts = dict.fromkeys(("answered", "precision", "recall", "exact"), 0.0)
    if given is None:
        return Score(0.0, parts, ("names no set of labels",))
    common, united = len(given & expected), len(given | expected)
    parts |= {
        "answered": 1.0,
        "precision": common / len(given) if given else float(not expected),
        "recall": common / len(expected) if expected else float(not given),
        "exact": float(given == expected),
    }
    if measure == "exact" or not united:
        return Score(parts["exact"], parts)
    if measure == "jaccard":
        return Score(common / united, parts)
    return Score(2 * common / (len(given) + len(expected)), parts)


def _reference(reference: Any) -> Any:
    plain = unwrap_reference(reference)
    if isinstance(plain, dict):
        return next((plain[key] for key in ("labels", "ideal_response") if key in plain), None)
    return plain


def _found(value: Any, names: Mapping[str, str], empty: str | None) -> frozenset[str | None] | None:
    """The labels that a text or list names, and None where words in it are no labels; None when it names no set."""
    items = value if isinstance(value, list) else _listed(value) if isinstance(value, str) else None
    if items is None or len(items) > MAX_LABELS or not all(isinstance(item, str) for item in items):
        return None
    if not items:  # said as [], or not said at all
        return frozenset() if empty is None and value != "" else None
    found = {match_label(item, names) for item in items}
    if empty is not None and empty in found:
        return frozenset() if found == {empty} else None
    return frozenset(found)


def _listed(text: str) -> list[Any] | None:
    cleaned = text[-MAX_CHARACTERS:].strip()
    parsed = _from_json(cleaned)
    if parsed is not None:
        return parsed
    stated = _STATED.findall(cleaned)
    if len(set(stated)) > 1:
        return None
    parts = [part for part in _BETWEEN.split(stated[0] if stated else cleaned) if part.strip()]
    return parts or None


def _from_json(text: str) -> list[Any] | None:
    start = min((place for place in (text.find("["), text.find("{")) if place >= 0), default=-1)
    end = max(text.rfind("]"), text.rfind("}"))
    if start < 0 or end < start:
        return None
    try:
        value = json.loads(text[start : end + 1])
    except (ValueError, RecursionError):
        return None
    if isinstance(value, dict):
        value = next((value[key] for key in ("labels", "categories", "tags") if key in value), None)
    return value if isinstance(value, list) else None
