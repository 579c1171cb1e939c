"""Checks a request's values against the shapes of botocore's service model."""

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from rehearsal.bedrock.errors import invalid


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _fail(path: str, constraint: str) -> Exception:
    return invalid(
        f"1 validation error detected: Value at '{path}' failed to satisfy constraint: {constraint}"
    )


def check(value: Any, shape: Any, path: str = "") -> None:
    """Raise a ValidationException that names the member when `value` does not fit `shape`.

    Unknown members are refused too: the service ignores them, which hides misspelt parameters.
    """
    checker = _CHECKERS.get(shape.type_name)
    if checker is not None:
        checker(value, shape, path)


def _check_list(value: Any, shape: Any, path: str) -> None:
    if not isinstance(value, list):
        raise _fail(path, "Member must be a list")
    _check_bounds(len(value), shape, path, "length")
    for index, item in enumerate(value):
        check(item, shape.member, f"{path}.{index + 1}.member")


def _check_map(value: Any, shape: Any, path: str) -> None:
    if not isinstance(value, Mapping):
        raise _fail(path, "Member must be a map")
    _check_bounds(len(value), shape, path, "size")
    for key, item in value.items():
        check(key, shape.key, f"{path}.key")
        check(item, shape.value, f"{path}.{key}")


def _check_integer(value: Any, shape: Any, path: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _fail(path, "Member must be an integer")
    _check_bounds(value, shape, path, "value")


def _check_real(value: Any, shape: Any, path: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _fail(path, "Member must be a finite number")
    _check_bounds(value, shape, path, "value")


def _check_boolean(value: Any, _: Any, path: str) -> None:
    if not isinstance(value, bool):
        raise _fail(path, "Member must be a boolean")


def _check_structure(value: Any, shape: Any, path: str) -> None:
    if getattr(shape, "is_document_type", False):
        return
    if not isinstance(value, Mapping):
        raise _fail(path or shape.name, "Member must be a structure")
    prefix = f"{path}." if path else ""
    members = shape.members
    names = {member.serialization.get("name", name): name for name, member in members.items()}
    for name in value:
        if name not in members and name not in names:
            raise _fail(f"{prefix}{name}", f"Member is unknown; allowed: {', '.join(sorted(members))}")
    for name in shape.required_members:
        if value.get(name) is None:
            raise _fail(f"{prefix}{name}", "Member must not be null")
    present = [name for name in members if value.get(name) is not None]
    if getattr(shape, "is_tagged_union", False) and len(present) != 1:
        raise _fail(path, f"Exactly one member must be set; allowed: {', '.join(sorted(members))}")
    for name in present:
        check(value[name], members[name], f"{prefix}{name}")


def _check_string(value: Any, shape: Any, path: str) -> None:
    if not isinstance(value, str):
        raise _fail(path, "Member must be a string")
    _check_bounds(len(value), shape, path, "length")
    allowed = getattr(shape, "enum", None)
    if allowed and value not in allowed:
        raise _fail(path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        raise _fail(path, f"Member must satisfy regular expression pattern: {pattern}")


def _check_bounds(value: float, shape: Any, path: str, noun: str) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        raise _fail(path, f"Member must have {noun} greater than or equal to {low}")
    if high is not None and value > high:
        raise _fail(path, f"Member must have {noun} less than or equal to {high}")


_CHECKERS: Final[dict[str, Callable[[Any, Any, str], None]]] = {
    "structure": _check_structure,
    "list": _check_list,
    "map": _check_map,
    "string": _check_string,
    "integer": _check_integer,
    "long": _check_integer,
    "float": _check_real,
    "double": _check_real,
    "boolean": _check_boolean,
}
