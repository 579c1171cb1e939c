"""Compares the arguments of a tool call with the reference's, by the types of the tool's schema.

JSON Schema decides what is equal: 1 and 1.0 are the same integer (2020-12, section 4.2.2), true is no number, "1" is
text. An optional argument that is left out has its `default`. An argument that the reference does not have, and
that is not its default, is a wrong one: tinker-cookbook#937 let hallucinated arguments pass.

Known limits: of a schema, `properties`, `required`, `default`, `type`, `enum`, `items` and `additionalProperties`
(absent means false) are read; `$ref` and `anyOf` accept everything; defaults inside of lists are not filled in; a
list's order counts unless a comparator such as `set_of` says otherwise. An optional argument without a default that
is given as null counts as given.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rft.rewards.fields import Comparator, exact

Schema = Mapping[str, Any]
_EQUAL: Final = exact()
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,), "boolean": (bool,), "null": (type(None),), "array": (list,), "object": (dict, Mapping),
    "number": (int, float), "integer": (int, float),
}  # fmt: skip


def argument_share(
    expected: Mapping[str, Any],
    given: Mapping[str, Any],
    schema: Schema,
    comparators: Mapping[str, Comparator],
) -> float:
    """Return the share of right arguments, in [0, 1]: 0 when one is added that does not belong, 1 for a call that
    needs none and gets none. Defaults that the reference leaves out earn nothing and cost when they are changed.

    Args:
        expected: the reference's arguments.
        given: the answer's.
        schema: of the arguments, `{}` when it is not known.
        comparators: by argument name; other arguments must be equal.
    """
    wanted, found = with_defaults(expected, schema), with_defaults(given, schema)
    if found.keys() - wanted.keys():
        return 0.0
    shares = {name: _share(name, wanted, found, schema, comparators) for name in wanted}
    counted = [share for name, share in shares.items() if name in expected or share < 1.0]
    return math.fsum(counted) / len(counted) if counted else 1.0


def with_defaults(arguments: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Return the arguments with the defaults of those that may be left out, nested objects included."""
    properties, required = _properties(schema), schema.get("required") or ()
    defaults = {
        name: inner["default"]
        for name, inner in properties.items()
        if name not in arguments and name not in required and "default" in inner
    }
    filled = {
        name: with_defaults(value, properties[name])
        if isinstance(value, Mapping) and name in properties
        else value
        for name, value in arguments.items()
    }
    return defaults | filled


def obeys(arguments: Mapping[str, Any] | None, schema: Schema) -> bool:
    """Tell whether a call can be made: required arguments are there, none is unknown, types and enums fit."""
    return arguments is not None and _fits(arguments, {**schema, "type": "object"})


def _share(
    name: str,
    wanted: Mapping[str, Any],
    found: Mapping[str, Any],
    schema: Schema,
    comparators: Mapping[str, Comparator],
) -> float:
    if name not in found or not _fits(found[name], _properties(schema).get(name, {})):
        return 0.0
    return comparators.get(name, _EQUAL)(wanted[name], found[name])


def _fits(value: Any, schema: Schema) -> bool:
    if not any(_is(value, kind) for kind in _kinds(schema)):
        return False
    if "enum" in schema and not any(_EQUAL(allowed, value) for allowed in schema["enum"]):
        return False
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        return all(_fits(item, schema["items"]) for item in value)
    return not isinstance(value, Mapping) or "properties" not in schema or _members_fit(value, schema)


def _members_fit(value: Mapping[str, Any], schema: Schema) -> bool:
    properties = _properties(schema)
    if not set(schema.get("required") or ()) <= value.keys():
        return False
    if value.keys() - properties.keys() and not schema.get("additionalProperties"):
        return False
    return all(_fits(member, properties.get(name, {})) for name, member in value.items())


def _kinds(schema: Schema) -> Sequence[str]:
    kind = schema.get("type", tuple(_TYPES))
    return [kind] if isinstance(kind, str) else kind


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES.get(kind, (object,)))


def _properties(schema: Schema) -> Mapping[str, Schema]:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {name: inner if isinstance(inner, Mapping) else {} for name, inner in properties.items()}
