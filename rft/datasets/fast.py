"""Reads a block of lines at once, when nothing in it can be wrong with any single line.

Most blocks of most datasets are clean. What is clean by this module's rules has no fault by the line-by-line rules
either (a property test holds the two together); everything else goes line by line, which finds the place.
"""

from collections.abc import Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rft.datasets.lines import MAX_DEPTH, MAX_INTEGER

if TYPE_CHECKING:
    import numpy as np

_DECODER: Final = msgspec.json.Decoder()
_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_QUOTE, _BACKSLASH, _COLON, _BLANKS = ord('"'), ord("\\"), ord(":"), (ord(" "), ord("\t"))
_OPEN, _CLOSE, _LINE_FEED = ord("{"), ord("}"), ord("\n")


def clean_records(block: bytes) -> list[dict[str, Any]] | None:
    """The objects of a block of whole lines; None when a line might hold anything else, or a key twice."""
    import numpy as np

    if not block.endswith(b"\n"):
        block += b"\n"
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == _LINE_FEED)
    # A line break between `}` and `{` is inside no JSON value, so as many values as lines means one on each.
    whole = data[0] == _OPEN and (data[ends - 1] == _CLOSE).all() and (data[ends[:-1] + 1] == _OPEN).all()
    written = _written_keys(data) if whole and b"\r" not in block else None
    if written is None:
        return None
    try:
        records: list[Any] = _DECODER.decode_lines(block)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    one_each = len(records) == len(ends) and set(map(type, records)) == {dict}
    return records if one_each and _keys(records) == written else None


def _written_keys(data: "np.ndarray[Any, Any]") -> int | None:
    """How many keys the bytes spell, those that a reader loses included; None when that is hard to tell."""
    import numpy as np

    colons = np.flatnonzero(data == _COLON)
    one, two, three = data[colons - 1], data[colons - 2], data[colons - 3]
    blank = np.isin(one, _BLANKS) & ((two == _QUOTE) | np.isin(two, _BLANKS))
    quoted = one == _QUOTE
    escaped = quoted & (two == _BACKSLASH)  # in a string a quote is escaped, so every other `":` ends a key
    if blank.any() or (escaped & (three == _BACKSLASH)).any():
        return None
    return int(np.count_nonzero(quoted & ~escaped))


def _keys(values: Iterable[Any]) -> int:
    """The number of keys in values and all below them; -1 when they are too deep or hold too large a number."""
    found, level = 0, list(values)
    for _ in range(MAX_DEPTH):
        kinds = set(map(type, level))
        if int in kinds and any(type(value) is int and abs(value) >= MAX_INTEGER for value in level):
            return -1
        if kinds <= _SCALARS:
            return found
        objects = [value for value in level if type(value) is dict]
        found += sum(map(len, objects))
        lists = (value for value in level if type(value) is list)
        level = list(chain(chain.from_iterable(map(dict.values, objects)), chain.from_iterable(lists)))
    return -1
