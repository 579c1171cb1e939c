"""Hostile queries earn nothing, in bounded time and memory, and the next one is not affected."""

import logging
import resource
import sqlite3
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import Sample, Score, sql_result
from rft.rewards.sql_run import QueryError, _like, build, run

SCHEMA = "CREATE TABLE p (id INTEGER, name TEXT);"
GOLD = "SELECT COUNT(*) FROM p"
RECURSIVE = "WITH RECURSIVE n (x) AS (SELECT {} UNION ALL SELECT {} FROM n) SELECT {} FROM n"
LIMIT_SECONDS = 6.0  # twice the deadline and more: other tests run at the same time


def scored(response: str, dialect: str = "sqlite") -> Score:
    reference = {
        "ideal_response": GOLD,
        "schema": SCHEMA,
        "rows": {"p": [[n, f"name {n}"] for n in range(40)]},
    }
    return sql_result(Sample("1", (), response, reference), dialect=dialect)


def doubled(levels: int) -> str:
    parts = ["c0 AS (SELECT * FROM p)"]
    parts += [f"c{n} AS (SELECT a.* FROM c{n - 1} AS a, c{n - 1} AS b)" for n in range(1, levels)]
    return f"WITH {', '.join(parts)} SELECT COUNT(*) FROM c{levels - 1}"


HOSTILE = {
    "drop": "DROP TABLE p", "delete": "DELETE FROM p", "insert": "INSERT INTO p VALUES (1, 'x') RETURNING 40",
    "update": "UPDATE p SET id = 1", "create": "CREATE TABLE x AS SELECT 40",
    "cte delete": "WITH a AS (SELECT 1) DELETE FROM p",
    "two": f"{GOLD}; DROP TABLE p", "attach": "ATTACH DATABASE ':memory:' AS x",
    "pragma": "PRAGMA writable_schema = 1",
    "vacuum": "VACUUM INTO '/tmp/rft-hostile.db'", "explain": f"EXPLAIN {GOLD}", "begin": "BEGIN",
    "pragma table": "SELECT * FROM pragma_database_list", "catalogue": "SELECT COUNT(*) + 39 FROM sqlite_master",
    "extension": "SELECT load_extension('x')", "blob": "SELECT HEX(ZEROBLOB(1000000000))",
    "random": "SELECT RANDOMBLOB(99999999)",
    "printf": "SELECT PRINTF('%.*c', 1000000000, 'x')", "file": "SELECT readfile('/etc/hostname')",
    "clock": "SELECT CURRENT_TIMESTAMP",
    "tokenizer": "SELECT fts3_tokenizer('simple')", "into": "SELECT COUNT(*) INTO x FROM p",
    "endless": RECURSIVE.format("1", "x + 1", "SUM(x)"), "endless rows": RECURSIVE.format("1", "x + 1", "x"),
    "doubling": RECURSIVE.format("'ab'", "x || x", "MAX(LENGTH(x))"),
    "replacing": RECURSIVE.format("'ab'", "REPLACE(x, 'a', 'aaaaaaaa')", "MAX(LENGTH(x))"),
    "sorting": RECURSIVE.format("HEX('" + "x" * 4000 + "')", "x", "x") + " ORDER BY 1",
    "cross join": "SELECT COUNT(*) FROM " + ", ".join(f"p AS p{n}" for n in range(12)),
    "wide join": "SELECT COUNT(*) FROM " + ", ".join(f"p AS p{n}" for n in range(60)),
    "too wide": "SELECT COUNT(*) FROM " + ", ".join(f"p AS p{n}" for n in range(400)),
    "group": "SELECT GROUP_CONCAT(a.name || b.name || c.name) FROM p AS a, p AS b, p AS c, p AS d",
    "like": "SELECT COUNT(*) FROM p AS a, p AS b, p AS c WHERE "
    "REPLACE('" + "a" * 900 + "', 'a', 'aaaaaaaaaaaaaaaaaaaa') LIKE '" + "%a_" * 30 + "b'",
    "glob": "SELECT '" + "a" * 900 + "' GLOB '" + "*a" * 40 + "b'", "cte doubling": doubled(40),
    "cte doubling a little": doubled(6),
    "types": "SELECT " + "DATE(" * 20 + "1" + ")" * 20, "structs": "SELECT " + "STRUCT(" * 24 + "1" + ")" * 24,
    "parentheses": "SELECT " + "(" * 3900 + "1" + ")" * 3900, "open": "SELECT " + "(" * 7900,
    "not": "SELECT " + "NOT " * 1900 + "1",
    "minus": "SELECT " + "- " * 3900 + "1", "plus": "SELECT 1" + "+1" * 3900,
    "unions": "SELECT 1" + " UNION SELECT 1" * 500,
    "case": "SELECT " + "CASE WHEN 1 THEN " * 300 + "1" + " END" * 300, "comment": "SELECT 1 /*" + "*" * 7000,
    "quote": "SELECT '" + "''" * 3900,
    "megabyte": GOLD + " " * 1_000_000, "million fences": "```sql\n" * 140_000,
    "connect by": "SELECT 1 CONNECT BY (SELECT 1 CONNECT BY (",
    "surrogate": "SELECT '\ud800'", "null": "SELECT '\0'", "columns": "SELECT " + ", ".join("*" * 99) + " FROM p",
}  # fmt: skip


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_earns_nothing_soon(name: str, dialect: str) -> None:
    scored(GOLD, dialect)
    began = time.process_time()
    assert scored(HOSTILE[name], dialect).value == 0
    assert time.process_time() - began < LIMIT_SECONDS
    assert scored(GOLD, dialect).value == 1


@pytest.mark.parametrize(
    "query",
    ["DROP TABLE p", "INSERT INTO p VALUES (1, 'x')", "UPDATE p SET id = 1 RETURNING id", "CREATE TEMP TABLE x (y)",
     "ATTACH ':memory:' AS x", "PRAGMA query_only = OFF", "PRAGMA table_info(p)",
     "SELECT * FROM pragma_table_info('p')", "SELECT load_extension('x')", "SELECT sql FROM sqlite_schema",
     "SELECT 1; SELECT 2", "BEGIN", "SELECT RANDOM()"],
)  # fmt: skip
def test_what_gets_past_the_parser_is_stopped_by_the_database(query: str) -> None:
    database = build(SCHEMA, {"p": [[1, "a"]]})
    with pytest.raises(QueryError):
        run(database, query, max_rows=10)
    assert run(database, "SELECT * FROM p", max_rows=10).rows == [(1, "a")]


def test_hostile_queries_take_little_memory() -> None:
    scored(GOLD)
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    for query in HOSTILE.values():
        scored(query)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before < 600_000_000


def test_no_query_leaves_a_file(tmp_path: Path) -> None:
    target = tmp_path / "stolen.db"
    for query in (
        f"VACUUM INTO '{target}'",
        f"ATTACH DATABASE '{target}' AS x",
        f"SELECT writefile('{target}', 'x')",
    ):
        assert scored(query).value == 0
    assert not target.exists()


def test_no_text_of_a_query_reaches_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for query in ("ATTACH 'secret' AS x", "SELECT secret FROM p", "secret nonsense (", "CALL secret()"):
        score = scored(query)
        assert "secret" not in caplog.text + " ".join(score.reasons)


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text: str) -> None:
    assert scored(text).value in (0, 1)


TOKENS = (
    *(
        "SELECT",
        "FROM",
        "WHERE",
        "WITH",
        "AS",
        "UNION",
        "ORDER BY",
        "LIMIT",
        "JOIN",
        "ON",
        "CASE",
        "END",
        "CAST",
    ),
    *("INT", "NOT", "p", "id", "name", "(", ")", ",", "*", "=", "'x'", "1", "a", ";"),
)


@given(st.lists(st.sampled_from(TOKENS), max_size=30))
def test_no_arrangement_of_words_makes_it_raise(words: list[str]) -> None:
    assert scored("SELECT " + " ".join(words)).value in (0, 1)


@given(st.text("ab%_\\é", max_size=6), st.text("aAbBéÉ%_\\\n", max_size=8))
def test_like_matches_as_sqlite_does(pattern: str, text: str) -> None:
    connection = sqlite3.connect(":memory:")
    assert _like(pattern, text) == bool(connection.execute("SELECT ? LIKE ?", (text, pattern)).fetchone()[0])
    escaped = connection.execute("SELECT ? LIKE ? ESCAPE '\\'", (text, pattern)).fetchone()[0]
    assert _like(pattern, text, "\\") == bool(escaped) or pattern.endswith("\\")
    connection.close()


@pytest.mark.parametrize(
    ("pattern", "text", "matched"), [(None, "a", None), ("a", None, None), ("1", 1, True), (b"a", "A", True)]
)
def test_like_takes_every_kind_of_value(pattern: object, text: object, matched: bool | None) -> None:
    assert _like(pattern, text) is matched
