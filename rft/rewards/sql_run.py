"""Runs a query that nobody trusts on a database in memory, within limits that are the same on every machine.

What holds it: an authorizer that allows reading and a list of functions and nothing else, `query_only`, SQLite's
run-time limits (https://www.sqlite.org/limits.html), a budget of virtual machine steps, a deadline for what steps
do not measure, and caps on rows and on characters of the result. SQLite's LIKE needs exponential time for patterns
of many wildcards and cannot be interrupted meanwhile; one in linear time replaces it.
"""

import re
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

MAX_STEPS: Final = 5_000_000  # of SQLite's virtual machine, about 0.2 s
MAX_SECONDS: Final = 2.0
MAX_CELL: Final = 20_000  # bytes of a value
MAX_RESULT: Final = 2_000_000  # characters of a result
MAX_HEAP: Final = 256_000_000  # bytes of all of SQLite in this process
_STEPS: Final = 1_000  # between two looks at the budget
_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_CELL,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 40_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 50_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 20,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_READING: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE})
_FUNCTIONS: Final = frozenset(
    """abs avg ceil ceiling char coalesce concat concat_ws count cume_dist date datetime dense_rank exp
    first_value floor group_concat hex ifnull iif instr julianday lag last_value lead length like ln log
    log10 log2 lower ltrim max min mod nth_value ntile nullif percent_rank pi pow power quote rank replace
    round row_number rtrim sign sqrt strftime string_agg substr substring sum time timediff total trim trunc
    typeof unicode unixepoch upper""".split()  # noqa: SIM905 (a table)
)
Rows = list[tuple[Any, ...]]


class QueryError(ValueError):
    """A query that was refused, failed or broke a limit; the message never quotes it."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a query returned: the number of columns, and the rows in their order."""

    width: int
    rows: Rows


def build(schema: str, rows: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return a database, serialised: the statements of `schema`, then `rows` by table in the columns' order.

    Raises:
        sqlite3.Error: when a statement fails or a row does not fit.
    """
    connection = sqlite3.connect(":memory:")
    try:
        connection.executescript(schema)
        for table, values in rows.items():
            name = table.replace('"', '""')
            for row in values:
                marks = ", ".join("?" * len(row))
                connection.execute(f'INSERT INTO "{name}" VALUES ({marks})', tuple(row))  # noqa: S608 (quoted)
        connection.commit()
        return connection.serialize()
    finally:
        connection.close()


def run(database: bytes, query: str, *, max_rows: int) -> Result:
    """Run one query, in SQLite's dialect, on a copy of a database.

    Raises:
        QueryError: when it fails, does anything but read, or breaks a limit.
    """
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        connection.deserialize(database)
        _confine(connection)
        cursor = connection.execute(query)
        if cursor.description is None:
            raise QueryError("returns no columns")
        return Result(len(cursor.description), _fetch(cursor, max_rows))
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError, MemoryError) as error:
        if isinstance(error, QueryError):
            raise
        # The text of the error may quote the query.
        raise QueryError(_told(error)) from None
    finally:
        connection.close()


def _confine(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA hard_heap_limit = {MAX_HEAP}")
    connection.create_function("like", 2, _like, deterministic=True)
    connection.create_function("like", 3, _like, deterministic=True)
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    connection.set_authorizer(_authorise)
    deadline = time.monotonic() + MAX_SECONDS
    looks = 0

    def over() -> bool:
        nonlocal looks
        looks += 1
        return looks * _STEPS > MAX_STEPS or time.monotonic() > deadline

    connection.set_progress_handler(over, _STEPS)


def _authorise(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    if action in _READING:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ:
        hidden = (first or "").lower().startswith(("sqlite_", "pragma_", "dbstat"))
        return sqlite3.SQLITE_DENY if hidden else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _fetch(cursor: sqlite3.Cursor, max_rows: int) -> Rows:
    rows: Rows = []
    size = 0
    for row in cursor:
        rows.append(row)
        size += sum(len(cell) if isinstance(cell, str | bytes) else 8 for cell in row)
        if len(rows) > max_rows:
            raise QueryError(f"returns more than {max_rows} rows")
        if size > MAX_RESULT:
            raise QueryError(f"returns more than {MAX_RESULT} characters")
    return rows


def _told(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_INTERRUPT:
        return "runs too long"
    if code == sqlite3.SQLITE_AUTH:
        return "does more than read"
    return f"fails ({type(error).__name__})"


def _like(pattern: Any, text: Any, escape: str = "") -> bool | None:
    """LIKE as SQLite has it (only ASCII letters fold), without its recursion."""
    if pattern is None or text is None:
        return None
    matcher = _matcher(_text(pattern), escape)
    return matcher.match(_text(text)) is not None


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


@lru_cache(maxsize=256)
def _matcher(pattern: str, escape: str) -> re.Pattern[str]:
    parts, escaped = [""], False
    for character in pattern:
        if not escaped and character == escape:
            escaped = True
        elif not escaped and character == "%":
            parts.append("")
        else:
            parts[-1] += "." if character == "_" and not escaped else re.escape(character)
            escaped = False
    first, *rest = parts
    # Taking the first fit of every part and never going back is enough: no part varies in length.
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    last = f".*{rest[-1]}" if rest else ""
    return re.compile(f"{first}{middle}{last}\\Z", re.DOTALL | re.IGNORECASE | re.ASCII)
