"""Finds JSON in a response, strictly: what lenient parsers take and a program must not is refused.

Refused (RFC 8259; an object's names should be unique, section 4): NaN and Infinity, numbers beyond a double's
range such as `1e999`, names given twice, nesting deeper than 64, numbers of more than 300 digits, texts longer
than 200,000 characters or with more than 1,000 pieces that begin like JSON. One refused value spoils the
whole text, so that it cannot hide beside a good one.

Known limits: an object that is the only one inside an array is found where objects are asked for; with
`arrays`, a citation such as `[1]` in prose is a value too; 1 and 1.0 make two different values.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

MAX_CHARACTERS: Final = 200_000
MAX_DEPTH: Final = 64
MAX_PIECES: Final = 1000  # Python counts lines to report an error, so each broken piece costs the whole text
MAX_DIGITS: Final = 300  # below 1e308, so that every number converts to a double
Which = Literal["only", "last"]

_OBJECT: Final = re.compile(r'\{(?=[ \t\r\n]*["}])')
_ANY: Final = re.compile(r'\{(?=[ \t\r\n]*["}])|\[(?=[ \t\r\n]*[\[\]{"0-9tfn-])')


class RefusedJsonError(ValueError):
    """Text that Python reads as JSON although it is none, or that is too deep or too long to be an answer."""


@dataclass(frozen=True, slots=True)
class Found:
    """The different JSON values of a text in the order of their first appearance; `broken` tells that some
    piece of it begins like JSON and is none, such as an object cut off in the middle."""

    values: tuple[Any, ...]
    broken: bool


def find_all(text: str, *, arrays: bool = False) -> Found:
    """Return the outermost objects (and arrays) of a text in prose, fences or alone; never raises.

    Nothing inside a broken object counts: the search goes on where reading it failed, in linear time.
    """
    if len(text) > MAX_CHARACTERS:
        return Found((), broken=True)
    found: dict[str, Any] = {}
    opening = _ANY if arrays else _OBJECT
    position, broken = 0, False
    for _ in range(MAX_PIECES):
        start = opening.search(text, position)
        if start is None:
            return Found(tuple(found.values()), broken)
        try:
            value, position = _decoder().raw_decode(text, start.start())
            found.setdefault(canonical(not_deep(value)), value)
        except json.JSONDecodeError as error:
            position, broken = max(error.pos, start.end()), True
        except (ValueError, RecursionError):
            return Found((), broken=True)
    return Found((), broken=True)


def find_json(text: str, *, arrays: bool = False, which: Which = "only") -> Any:
    """Return the object (or array) that a text answers with, None when there is none.

    Args:
        text: the response.
        arrays: whether an array counts too.
        which: `only` refuses a text with several different values, as offering several is guessing; `last`
            takes the last one, for models that think aloud in JSON.
    """
    values = find_all(text, arrays=arrays).values
    if not values or (which == "only" and len(values) > 1):
        return None
    return values[-1]


def find_object(text: str, *, which: Which = "only") -> dict[str, Any] | None:
    """Return the only (or last) JSON object of a text, fenced or in prose; None when there is none or several
    differ."""
    found: dict[str, Any] | None = find_json(text, which=which)
    return found


def is_bare_json(text: str, *, arrays: bool = False) -> bool:
    """Tell whether a text is one JSON object (or array) and nothing else, as a program that parses it needs."""
    try:
        return isinstance(read_json(text), dict | list if arrays else dict)
    except ValueError:
        return False


def read_json(text: str) -> Any:
    """Return the value of a text that is JSON and nothing else but white space around it.

    Raises:
        ValueError: when it is not; the message never quotes the text.
    """
    if len(text) > MAX_CHARACTERS:
        raise RefusedJsonError(f"more than {MAX_CHARACTERS} characters")
    try:
        return not_deep(_decoder().decode(text))
    except RecursionError:
        raise RefusedJsonError("nested too deeply") from None


def canonical(value: Any) -> str:
    """Return one text for equal JSON values, whatever the order of their names; `1`, `1.0` and `true` differ."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def not_deep(value: Any) -> Any:
    """Return a JSON value as it is.

    Raises:
        RefusedJsonError: when it is nested more than 64 levels deep.
    """
    level: Sequence[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return value
    raise RefusedJsonError(f"nested more than {MAX_DEPTH} levels deep")


def _children(value: Any) -> Sequence[Any]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [child for child in children if isinstance(child, dict | list)]


@lru_cache(maxsize=1)
def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_float, parse_int=_int
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise RefusedJsonError("a name is given twice")
    return value


def _no_constant(_: str) -> Any:
    raise RefusedJsonError("NaN and Infinity are no JSON numbers")


def _float(digits: str) -> float:
    value = float(digits) if len(digits) <= MAX_DIGITS else math.inf
    if not math.isfinite(value):
        raise RefusedJsonError("a number is out of range")
    return value


def _int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise RefusedJsonError("a number is out of range")
    return int(digits)
