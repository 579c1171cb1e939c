"""Scores the JSON of a response, field by field, against a reference object and a JSON schema.

A field that the reference has and the answer lacks is wrong, also where null is right: otherwise `{}` earns the
share of the empty fields. Several different objects in one answer earn nothing (Visual-RFT#79: "A or B or C" pays
1). Fenced JSON and prose around it cost nothing here (harness-evals PR #28 rejected right answers for their fence);
where a program reads the answer, give `is_bare_json` a small weight of its own.

Known limits: what `json_text`, `fields` and `schema` say of themselves; without `fields`, a list's order does not
matter and numbers must be equal.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from rft.rewards.contract import MissingReferenceError, Sample, Score
from rft.rewards.fields import (
    Comparator,
    check_weights,
    compare_field,
    list_of,
    object_of,
    weighted_mean,
)
from rft.rewards.json_text import Which, find_json
from rft.rewards.schema import is_valid

EXTRA_FIELD_PENALTY: Final = 0.1  # for each field that the reference does not have
INVALID_SCHEMA_FACTOR: Final = 0.5  # applied to an answer that breaks the schema
COMPONENTS: Final = ("found", "fields", "valid", "extra")
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


def json_extraction(
    sample: Sample,
    schema: Mapping[str, Any] | None = None,
    *,
    fields: Mapping[str, Comparator] = _NONE,
    weights: Mapping[str, float] = _NONE,
    groups: Mapping[str, Sequence[str]] = _NONE,
    which: Which = "only",
    extra_penalty: float = EXTRA_FIELD_PENALTY,
    invalid_factor: float = INVALID_SCHEMA_FACTOR,
) -> Score:
    """Score the object in a response: the weighted mean over the reference's fields, less a penalty for each field
    added, reduced when the schema is broken.

    Components: `found` (1 when the response has one object), `fields` (the mean), `valid` (schema), `extra` (1
    without added fields), and one for each group. A response without an object scores 0 in all of them.

    Args:
        sample: its reference is an object, a list, or text holding one of them; of a list the items are matched,
            order-free, and `fields` and `weights` are those of an item.
        schema: a JSON schema (2020-12) that the answer is checked against; None checks none.
        fields: comparators by name (see `rft.rewards.fields`); others are compared by type.
        weights: by name, 0 or more, 1 where not given.
        groups: names of components, each with the fields whose mean it shows.
        which: whether several different objects are no answer (`only`), or the last one counts (`last`).
        extra_penalty: in [0, 1], taken off for each added field.
        invalid_factor: in [0, 1], by which the score of an invalid answer is multiplied.

    Raises:
        MissingReferenceError: when the reference is neither a non-empty object nor a non-empty list, or one of its
            fields is of a type that its comparator cannot compare.
        ValueError: when an argument makes no sense.
    """
    _check(weights, groups, extra_penalty, invalid_factor)
    expected = _reference(sample.reference)
    found = find_json(sample.response, arrays=isinstance(expected, list), which=which)
    parts: dict[str, float] = {}
    if isinstance(expected, list) and isinstance(found, list):
        share, extra = list_of(object_of(fields, weights))(expected, found), 1.0
    elif isinstance(expected, dict) and isinstance(found, dict):
        shares = {name: compare_field(fields, name, expected, found) for name in expected}
        share = weighted_mean(shares, weights)
        extra = max(0.0, 1.0 - extra_penalty * sum(name not in expected for name in found))
        parts = _group_means(groups, shares)
    else:
        return Score(0.0, dict.fromkeys((*COMPONENTS, *groups), 0.0), ("no single JSON value",))
    valid = schema is None or is_valid(found, schema)
    reasons = () if valid else ("breaks the schema",)
    components = {"found": 1.0, "fields": share, "valid": float(valid), "extra": extra, **parts}
    return Score(share * extra * (1.0 if valid else invalid_factor), components, reasons)


def _reference(reference: Any) -> dict[str, Any] | list[Any]:
    if isinstance(reference, str):
        reference = find_json(reference, arrays=True)
    if isinstance(reference, Mapping):
        reference = dict(reference)
    if not isinstance(reference, dict | list) or not reference:
        raise MissingReferenceError("the reference_answer is neither a non-empty object nor a non-empty list")
    return reference


def _group_means(groups: Mapping[str, Sequence[str]], shares: Mapping[str, float]) -> dict[str, float]:
    members = {group: [shares[name] for name in names if name in shares] for group, names in groups.items()}
    return {group: sum(found) / len(found) for group, found in members.items() if found}


def _check(
    weights: Mapping[str, float],
    groups: Mapping[str, Sequence[str]],
    extra_penalty: float,
    invalid_factor: float,
) -> None:
    check_weights(weights)
    taken = sorted(set(groups) & set(COMPONENTS))
    if taken:
        raise ValueError(f"a group cannot be named {taken[0]}, which is a component already")
    if not (0 <= extra_penalty <= 1 and 0 <= invalid_factor <= 1):
        raise ValueError("extra_penalty and invalid_factor must be in [0, 1]")
