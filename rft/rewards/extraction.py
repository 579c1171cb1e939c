"""Scores a JSON object extracted from a document against a reference object and a JSON schema.

Known limits: objects nested deeper than the interpreter's recursion limit count as no JSON; texts are
compared without regard to case and white space; list items are compared in order.
"""

import json
import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from rft.rewards.contract import MissingReferenceError, Sample, Score

MAX_CHARACTERS: Final = 200_000
MAX_OBJECTS: Final = 50
EXTRA_FIELD_PENALTY: Final = 0.1  # for each field that the reference does not have
INVALID_SCHEMA_FACTOR: Final = 0.5  # applied to an object that breaks the schema


class _NotJsonError(ValueError):
    """NaN, Infinity or a duplicate key: Python's reader takes them, JSON does not."""


def json_extraction(sample: Sample, schema: Mapping[str, Any] | None = None) -> Score:
    """Score the object in a response: the mean over the reference's fields, less extras, halved if invalid.

    Components: `fields` (share of right field values), `valid` (schema), `extra` (1 without extra fields). A
    response with no object, or with several different ones, scores 0.

    Raises:
        MissingReferenceError: when the reference is not a non-empty object.
    """
    expected = _reference_object(sample.reference)
    found = find_object(sample.response)
    if found is None:
        return Score(0.0, {"fields": 0.0, "valid": 0.0, "extra": 0.0}, ("no single JSON object",))
    fields = sum(similarity(expected[name], found.get(name)) for name in expected) / len(expected)
    extras = len([name for name in found if name not in expected])
    extra = max(0.0, 1.0 - EXTRA_FIELD_PENALTY * extras)
    valid = schema is None or is_valid(found, schema)
    value = fields * extra * (1.0 if valid else INVALID_SCHEMA_FACTOR)
    reasons = () if valid else ("breaks the schema",)
    return Score(value, {"fields": fields, "valid": float(valid), "extra": extra}, reasons)


def find_object(text: str) -> dict[str, Any] | None:
    """Return the only JSON object of a text, fenced or in prose; None when there is none or several
    differ."""
    found: list[dict[str, Any]] = []
    for value in _objects(text[:MAX_CHARACTERS]):
        if value not in found:
            found.append(value)
    return found[0] if len(found) == 1 else None


def is_bare_json(text: str) -> bool:
    """Tell whether a text is one JSON object and nothing else, as a program that parses it needs."""
    try:
        return isinstance(_decoder().decode(text.strip()), dict)
    except (ValueError, RecursionError):
        return False


def is_valid(value: Any, schema: Mapping[str, Any]) -> bool:
    """Tell whether a value obeys a JSON schema (2020-12)."""
    validator: Any = _validator(json.dumps(schema, sort_keys=True))
    return bool(validator.is_valid(value))


def similarity(expected: Any, given: Any) -> float:
    """Return how much of a value is right, in [0, 1]: 1 for equal leaves, the mean over objects and lists."""
    if isinstance(expected, Mapping):
        return _object_similarity(expected, given)
    if isinstance(expected, list):
        return _list_similarity(expected, given)
    return float(_same_leaf(expected, given))


def _object_similarity(expected: Mapping[str, Any], given: Any) -> float:
    if not isinstance(given, Mapping):
        return 0.0
    names = {*expected, *given}
    if not names:
        return 1.0
    return sum(similarity(expected[n], given[n]) for n in expected if n in given) / len(names)


def _list_similarity(expected: list[Any], given: Any) -> float:
    if not isinstance(given, list):
        return 0.0
    longest = max(len(expected), len(given))
    if longest == 0:
        return 1.0
    return sum(similarity(e, g) for e, g in zip(expected, given, strict=False)) / longest


def _same_leaf(expected: Any, given: Any) -> bool:
    if isinstance(expected, bool) or isinstance(given, bool):
        return expected is given
    if isinstance(expected, int | float) and isinstance(given, int | float):
        return math.isclose(expected, given, rel_tol=1e-9, abs_tol=0.005)
    if isinstance(expected, str) and isinstance(given, str):
        return " ".join(expected.split()).casefold() == " ".join(given.split()).casefold()
    return expected is None and given is None


def _reference_object(reference: Any) -> Mapping[str, Any]:
    if isinstance(reference, str):
        reference = find_object(reference)
    if not isinstance(reference, Mapping) or not reference:
        raise MissingReferenceError("the reference_answer is not a non-empty object")
    return reference


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder, position = _decoder(), text.find("{")
    for _ in range(MAX_OBJECTS):
        if position < 0:
            return
        try:
            value, end = decoder.raw_decode(text, position)
        except _NotJsonError:
            return
        except (ValueError, RecursionError):
            position = text.find("{", position + 1)
            continue
        if isinstance(value, dict):
            yield value
        position = text.find("{", end)


@lru_cache(maxsize=1)
def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _NotJsonError("duplicate key")
    return value


def _no_constant(_: str) -> Any:
    raise _NotJsonError("not a JSON number")


@lru_cache(maxsize=8)
def _validator(schema: str) -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(schema))
