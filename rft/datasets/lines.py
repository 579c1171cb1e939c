"""One line of a dataset, from bytes to a JSON object or to the fault that it has instead.

A byte order mark and carriage returns are errors although Python could skip them: Bedrock reads the very
bytes, and nothing documents that it forgives them.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from rft import catalogue
from rft.datasets.checks.port import Fault
from rft.datasets.codes import Code

BOM: Final = b"\xef\xbb\xbf"
MAX_DEPTH: Final = 64
MAX_INTEGER: Final = 2**64
_TERMINATOR: Final = b"\n"
_ONE_OBJECT: Final = "write one JSON object per line"


class LineError(ValueError):
    """A line that holds no record."""

    def __init__(self, code: Code, what: str, fix: str, limit: str | None = None) -> None:
        super().__init__(what)
        self.fault = Fault(code, "$", what, fix, limit)


def read_lines(stream: BinaryIO, max_bytes: int = catalogue.MAX_LINE_BYTES) -> Iterator[bytes]:
    """Yield the lines of a binary stream in flat memory: a line above the limit is cut one byte beyond it."""
    while line := stream.readline(max_bytes + 1):
        yield line
        while len(line) > max_bytes and not line.endswith(_TERMINATOR):
            line = stream.readline(max_bytes + 1)
            if len(line) <= max_bytes:
                break


def decode(line: bytes, *, first: bool, max_bytes: int = catalogue.MAX_LINE_BYTES) -> dict[str, Any]:
    """Return the JSON object of a line with its end; `first` for the first line of a file.

    Raises:
        LineError: with the fault, when there is none.
    """
    if len(line) > max_bytes:
        raise LineError(
            Code.LINE_TOO_LONG,
            "the line is too long",
            "shorten or drop the record",
            f"{max_bytes / 2**20:g} MB",
        )
    if first and line.startswith(BOM):
        raise LineError(
            Code.BYTE_ORDER_MARK, "the file starts with a byte order mark", "save it as UTF-8 without BOM"
        )
    if line.rstrip(_TERMINATOR).endswith(b"\r"):
        raise LineError(
            Code.CARRIAGE_RETURN,
            "the line ends with CRLF",
            "convert the line ends to LF, for example with dos2unix",
        )
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise LineError(
            Code.INVALID_UTF8, f"byte {error.start + 1} of the line is not UTF-8", "save the file as UTF-8"
        ) from None
    if not text.strip():
        raise LineError(Code.BLANK_LINE, "the line is blank", "remove it")
    value = _parse(text)
    check_values(value)
    return value


def check_values(value: Any, depth: int = 1) -> None:
    """Refuse what other readers of JSON refuse or change.

    Raises:
        LineError: for nesting, numbers and half characters.
    """
    if depth > MAX_DEPTH:
        raise LineError(
            Code.TOO_DEEP, "the JSON is nested too deeply", "flatten the record", f"{MAX_DEPTH} levels"
        )
    if isinstance(value, dict):
        for key, item in value.items():
            check_values(key, depth)
            check_values(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            check_values(item, depth + 1)
    elif isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise LineError(Code.LONE_SURROGATE, "an escape is half of a character", "write the whole one")
    elif not isinstance(value, bool) and isinstance(value, int | float):
        _check_number(value)


def _check_number(value: float) -> None:
    if not math.isfinite(value) if isinstance(value, float) else abs(value) >= MAX_INTEGER:
        raise LineError(
            Code.NUMBER_TOO_LARGE,
            "a number is too large",
            "write it as text",
            "64 bits, or 1.8e308 with a fraction",
        )


def _parse(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        what = f"not valid JSON at column {error.pos + 1}: {error.msg}"
        raise LineError(Code.INVALID_JSON, what, _ONE_OBJECT) from None
    except RecursionError:
        raise LineError(
            Code.TOO_DEEP, "the JSON is nested too deeply", "flatten the record", f"{MAX_DEPTH} levels"
        ) from None
    except LineError:
        raise
    except ValueError:  # Python's own limit on the digits of a number
        raise LineError(
            Code.NUMBER_TOO_LARGE, "a number has too many digits", "write it as text", "64 bits"
        ) from None
    if not isinstance(value, dict):
        raise LineError(Code.NOT_AN_OBJECT, "the line is not a JSON object", _ONE_OBJECT)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise LineError(Code.DUPLICATE_KEY, "a key occurs twice in one object", "keep one of them")
    return value


def _no_constant(name: str) -> Any:
    raise LineError(Code.NOT_A_NUMBER, f"{name} is not JSON", "use null or a number")
