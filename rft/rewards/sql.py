"""Scores a query by what it returns: run on a database in memory and compared with the gold query's result."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from rft.rewards.contract import MissingReferenceError, Sample, Score, reference_response
from rft.rewards.sql_compare import Gold, matches_gold, row_f1
from rft.rewards.sql_gold import gold_of, gold_rows
from rft.rewards.sql_parse import UnreadableQueryError, as_sqlite, find_query, parse_query
from rft.rewards.sql_run import QueryError, build, run

MAX_ROWS: Final = 1_000  # of a gold result
MAX_RETURNED: Final = 10_000  # rows of any other result; more is a query that does not run
MAX_DATABASES: Final = 8


@dataclass(frozen=True, slots=True)
class _Trial:
    """A database, and what the right query returns on it."""

    database: bytes
    gold: Gold


def sql_result(
    sample: Sample,
    *,
    dialect: str = "sqlite",
    any_column_order: bool = False,
    relative: float = 1e-6,
    absolute: float = 1e-9,
    partial: float = 0.0,
) -> Score:
    """Score 1.0 when the response's query returns what the gold query returns, on every database of the reference.

    The query is the response's fence of SQL, or all of a response without fences; several different queries score
    0. It must be one SELECT (or WITH ... SELECT, or set operation); it is read in `dialect` (a name of sqlglot's)
    and translated to SQLite's when that is another one. Rows count as often as they occur, in any order unless the
    gold query has an ORDER BY at its top level, and then up to ties, also at a LIMIT; numbers are equal within
    `relative` or `absolute`; columns must be in the gold's order unless `any_column_order`, whatever their names.

    The reference is an object, or the gold query's text with the other keys in the record:
    `ideal_response`: the gold query, in a fence or not; `schema`: CREATE TABLE statements in SQLite's dialect;
    `rows`: `{"table": [[value, ...], ...]}`, or `databases`: a list of up to 8 such objects, on all of which the
    results must agree. A right result on one small database can be luck; on two that differ it hardly is.
    `expected`: rows to compare with instead of the gold query's, for one database; `ordered`: true if they are.

    `partial` pays that much of the F1 of rows (the lowest of all databases) for a result that does not match; it
    is then also paid for wrong queries that return the right rows among others, so keep it small.

    Components: `parses`, `runs`, `matches`, and `rows` when `partial` is above 0.

    Failure modes: a wrong query that agrees on all databases scores 1.0; CURRENT_DATE and its kind,
    functions of chance, of JSON and user-defined ones are refused, while DATE('now') is worth what it returns that
    day; a gold LIMIT without ORDER BY accepts any rows. Multisets and ties mend what
    is reported of BIRD's comparison of sets (bird-bench issues DAMO-ConvAI#177 and mini_dev#49).

    Raises:
        MissingReferenceError: when gold query, schema or rows are missing, malformed, fail, or return nothing on
            every database (then any query without rows would be right).
        ValueError: when `partial` is not in [0, 1).
    """
    if not 0 <= partial < 1:
        raise ValueError("partial must be at least 0 and below 1")
    trials = _trials(sample, dialect)
    parts = {"parses": 0.0, "runs": 0.0, "matches": 0.0}
    if partial:
        parts["rows"] = 0.0
    try:
        query = find_query(sample.response, dialect)
        query = as_sqlite(parse_query(query, dialect), query, dialect)
        parts["parses"] = 1.0
        given = [run(trial.database, query, max_rows=MAX_RETURNED) for trial in trials]
        parts["runs"] = 1.0
    except (UnreadableQueryError, QueryError) as error:
        return Score(0.0, parts, (str(error),))
    within = {"relative": relative, "absolute": absolute}
    found = zip(given, trials, strict=True)
    wrong = sum(
        not matches_gold(result, trial.gold, any_column_order=any_column_order, **within)
        for result, trial in found
    )
    parts["matches"] = float(not wrong)
    if partial:
        pairs = zip(given, trials, strict=True)
        parts["rows"] = min(row_f1(result, trial.gold, **within) for result, trial in pairs)
    if not wrong:
        return Score(1.0, parts)
    return Score(
        partial * parts.get("rows", 0.0), parts, (f"another result on {wrong} of {len(trials)} databases",)
    )


def _trials(sample: Sample, dialect: str) -> list[_Trial]:
    reference = sample.reference if isinstance(sample.reference, Mapping) else {}
    record = {**sample.extra, **reference}
    query = reference_response(sample.reference)
    schema, expected = record.get("schema"), record.get("expected")
    if not isinstance(schema, str) or not schema.strip():
        raise MissingReferenceError("the reference has no schema; give its CREATE TABLE statements as text")
    databases = record.get("databases", [record.get("rows", {})])
    if not isinstance(databases, Sequence) or not 1 <= len(databases) <= MAX_DATABASES:
        raise MissingReferenceError(f"databases is not a list of 1 to {MAX_DATABASES} objects")
    if expected is not None and len(databases) > 1:
        raise MissingReferenceError("expected rows are for one database; give a gold query for several")
    built = [_database(schema, json.dumps(rows)) for rows in databases]
    if expected is not None:
        trials = [_Trial(built[0], _given_gold(expected, is_ordered=record.get("ordered") is True))]
    else:
        trials = [_Trial(database, _gold(database, query, dialect)) for database in built]
    if all(trial.gold.start == trial.gold.stop for trial in trials):
        raise MissingReferenceError("the gold result is empty on every database; add rows that it returns")
    return trials


def _gold(database: bytes, response: str, dialect: str) -> Gold:
    try:
        return gold_of(database, find_query(response, dialect), dialect, MAX_ROWS)
    except UnreadableQueryError as error:
        raise MissingReferenceError(f"the gold query is no use: {error}; mend the record") from None


def _given_gold(expected: Any, *, is_ordered: bool) -> Gold:
    rows = [tuple(row) if isinstance(row, list) else None for row in expected] if _is_list(expected) else []
    cells = [cell for row in rows if row is not None for cell in row]
    widths = {len(row) for row in rows if row is not None}
    plain = all(cell is None or isinstance(cell, int | float | str) for cell in cells)
    if None in rows or len(widths) != 1 or not plain:
        raise MissingReferenceError("expected is not a list of rows of equal length with plain values")
    return gold_rows([row for row in rows if row is not None], widths.pop(), is_ordered=is_ordered)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


@lru_cache(maxsize=64)
def _database(schema: str, rows: str) -> bytes:
    tables = json.loads(rows)
    if not isinstance(tables, dict) or not all(
        _is_list(values) and all(map(_is_list, values)) for values in tables.values()
    ):
        raise MissingReferenceError('rows is not an object {"table": [[value, ...], ...]}')
    try:
        return build(schema, tables)
    except (sqlite3.Error, sqlite3.Warning, ValueError, OverflowError) as error:
        told = f"the database cannot be built ({type(error).__name__})"
        raise MissingReferenceError(f"{told}; check schema and rows against each other") from None
