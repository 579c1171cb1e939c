"""From bytes to JSON objects, one line at a time: encoding, line ends and JSON itself.

A byte order mark and carriage returns are errors although Python could skip them: Bedrock reads the very
bytes, and nothing documents that it forgives them.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final

from rft import catalogue
from rft.datasets.findings import Code

BOM: Final = b"\xef\xbb\xbf"
_TERMINATOR: Final = b"\n"


class LineError(ValueError):
    """A line that cannot be read; carries the finding's code, what and fix."""

    def __init__(self, code: Code, what: str, fix: str, limit: str | None = None) -> None:
        super().__init__(what)
        self.code, self.what, self.fix, self.limit = code, what, fix, limit


def read_lines(stream: BinaryIO, max_bytes: int = catalogue.MAX_LINE_BYTES) -> Iterator[bytes]:
    """Yield the lines of a binary stream in flat memory: a line above the limit is cut one byte beyond it."""
    while line := stream.readline(max_bytes + 1):
        yield line
        while len(line) > max_bytes and not line.endswith(_TERMINATOR):
            line = stream.readline(max_bytes + 1)
            if len(line) <= max_bytes:
                break


def decode_lines(lines: Iterable[bytes], max_bytes: int = catalogue.MAX_LINE_BYTES) -> Iterator[Any]:
    """Yield, for each line, its JSON object or the LineError that says why there is none."""
    for index, line in enumerate(lines):
        try:
            yield _decode(line, first=index == 0, max_bytes=max_bytes)
        except LineError as error:
            yield error


def _decode(line: bytes, *, first: bool, max_bytes: int) -> dict[str, Any]:
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
    return _parse(text)


def _parse(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise LineError(
            Code.INVALID_JSON,
            f"not valid JSON at column {error.pos + 1}: {error.msg}",
            "write one JSON object per line",
        ) from None
    except RecursionError:
        raise LineError(Code.INVALID_JSON, "the JSON is nested too deeply", "flatten the record") from None
    except LineError:
        raise
    except ValueError:
        raise LineError(Code.INVALID_JSON, "a number has too many digits", "write it as text") from None
    if not isinstance(value, dict):
        raise LineError(Code.NOT_AN_OBJECT, "the line is not a JSON object", "write one JSON object per line")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise LineError(Code.DUPLICATE_KEY, "a key occurs twice in one object", "keep one of them")
    return value


def _no_constant(name: str) -> Any:
    raise LineError(Code.NOT_A_NUMBER, f"{name} is not JSON", "use null or a number")
