"""Queries are worth what they return: bags of rows, in order where an order is asked for, ties apart."""

import subprocess
import sys
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import MissingReferenceError, Sample, Score, sql_result
from rft.rewards.sql_compare import Gold, matches_gold
from rft.rewards.sql_run import Result

SCHEMA = "CREATE TABLE p (id INTEGER, name TEXT, price REAL); CREATE TABLE q (p_id INTEGER, n INTEGER);"
ONE = {
    "p": [[1, "a", 2.5], [2, "b", 5], [3, "c", 5], [4, "d", None]],
    "q": [[1, 2], [1, 3], [2, 2], [None, 7]],
}
TWO = {"p": [[1, "x", 9], [2, "b", 1.5], [3, "b", 1.5]], "q": [[3, 1]]}
NAMED = "SELECT name FROM p WHERE price IS NOT NULL"
DEAR = "SELECT name FROM p ORDER BY price DESC"


def scored(response: str, gold: str = NAMED, *, rows: Any = ONE, more: Any = None, **options: Any) -> Score:
    reference = {"ideal_response": gold, "schema": SCHEMA, "rows": rows, **(more or {})}
    return sql_result(Sample("1", (), response, reference), **options)


@pytest.mark.parametrize(
    ("response", "value"),
    [
        (NAMED, 1), (f"{NAMED};", 1), (f"```sql\n{NAMED}\n```", 1), (f"```\n{NAMED};\n```", 1),
        (f"Sure:\n```SQLite\n{NAMED}\n```\nDone.", 1), (f"```sql\n{NAMED}\n```\n```sql\n{NAMED}  \n```", 1),
        (f"```python\nx = 1\n```\n```sql\n{NAMED}\n```", 1), (f"-- why not\n{NAMED}", 1),
        (f"```sql\n{NAMED}\n```\n```sql\nSELECT 1\n```", 0), (f"```sql\n{NAMED}", 0), (f"I say {NAMED}", 0),
        (f"{NAMED}\n{NAMED}", 0), (f"{NAMED}; {NAMED}", 0), ("", 0), ("```sql\n```", 0),
        (f"```python\n{NAMED}\n```", 0),
        ("SELECT", 0), ("SELECT nothing FROM p", 0), ("VALUES ('a'), ('b'), ('c')", 0), ("a, b, c", 0),
    ],
)  # fmt: skip
def test_one_query_in_a_block_or_alone_is_read(response: str, value: float) -> None:
    assert scored(response).value == value


@pytest.mark.parametrize(
    ("gold", "query", "value"),
    [
        (NAMED, "SELECT name FROM p WHERE price > 0 ORDER BY name DESC", 1),  # any order
        (NAMED, "SELECT name AS other FROM p WHERE price > 0", 1),  # any name
        ("SELECT price FROM p", "SELECT DISTINCT price FROM p", 0),  # duplicates count
        ("SELECT price FROM p", "SELECT price FROM p WHERE price > 0", 0),  # so does NULL
        ("SELECT price FROM p", "SELECT COALESCE(price, 0) FROM p", 0),
        ("SELECT price FROM p", "SELECT COALESCE(price, '') FROM p", 0),
        ("SELECT id FROM p", "SELECT CAST(id AS TEXT) FROM p", 0),  # text is no number
        ("SELECT id FROM p", "SELECT id * 1.0 FROM p", 1),  # a whole number is
        ("SELECT AVG(n) FROM q", "SELECT 3.5000001", 1), ("SELECT AVG(n) FROM q", "SELECT 3.501", 0),
        ("SELECT name, id FROM p", "SELECT id, name FROM p", 0), (NAMED, "SELECT name, 1 FROM p WHERE price > 0", 0),
        ("SELECT COUNT(*) FROM q", "SELECT SUM(1) FROM q", 1),
        (DEAR, "SELECT name FROM p ORDER BY price DESC, name DESC", 1),  # ties in any order
        (DEAR, "SELECT name FROM p ORDER BY price", 0), (DEAR, "SELECT name FROM p ORDER BY name", 0),
        (f"{DEAR} LIMIT 1", "SELECT 'b'", 1), (f"{DEAR} LIMIT 1", "SELECT 'c'", 1),  # a LIMIT that cuts a tie
        (f"{DEAR} LIMIT 1", "SELECT 'a'", 0), (f"{DEAR} LIMIT 1", "SELECT 'b' UNION SELECT 'c'", 0),
        (f"{DEAR} LIMIT 2", "SELECT 'b' UNION ALL SELECT 'b'", 0),
        (f"{DEAR} LIMIT 2", "SELECT 'c' UNION ALL SELECT 'b'", 1),
        (f"{DEAR} LIMIT 2 OFFSET 1", "SELECT 'b' UNION ALL SELECT 'a'", 1),
        (f"{DEAR} LIMIT 2 OFFSET 1", "SELECT 'a' UNION ALL SELECT 'b'", 0),
        (f"{DEAR} LIMIT 1, 2", "SELECT 'c' UNION ALL SELECT 'a'", 1),
        ("SELECT name, price AS x FROM p ORDER BY x DESC, 1 LIMIT 1", "SELECT 'b', 5", 1),
        ("SELECT name, price AS x FROM p ORDER BY x DESC, 1 LIMIT 1", "SELECT 'c', 5", 0),
        ("SELECT * FROM p ORDER BY price DESC LIMIT 1", "SELECT * FROM p WHERE id = 3", 1),
        ("SELECT name FROM p UNION SELECT 'e' ORDER BY 1", "SELECT name FROM p UNION ALL SELECT 'e' ORDER BY name",
         1),
        ("SELECT name FROM p UNION SELECT 'e' ORDER BY 1",
         "SELECT name FROM p UNION ALL SELECT 'e' ORDER BY name DESC", 0),
        ("SELECT * FROM (SELECT name FROM p ORDER BY id)", "SELECT name FROM p ORDER BY id DESC", 1),  # not top level
        ("SELECT DISTINCT price FROM p ORDER BY price", "SELECT price FROM p GROUP BY price ORDER BY 1", 1),
        ("SELECT p_id, SUM(n) FROM q GROUP BY p_id ORDER BY SUM(n)",
         "SELECT p_id, SUM(n) AS s FROM q GROUP BY 1 ORDER BY s", 1),
        ("SELECT name FROM p ORDER BY (SELECT COUNT(*) FROM q WHERE p_id = id) DESC LIMIT 1", "SELECT 'a'", 1),
        ("WITH t AS (SELECT * FROM p) SELECT name FROM t", "SELECT name FROM p", 1),
        (NAMED, "SELECT name FROM p WHERE name LIKE '%' AND price BETWEEN 1 AND 9", 1),
        ("SELECT name FROM p WHERE name LIKE 'A' OR name LIKE '_' ORDER BY id", "SELECT name FROM p ORDER BY id", 1),
    ],
)  # fmt: skip
def test_a_query_is_worth_what_it_returns(gold: str, query: str, value: float) -> None:
    assert scored(query, gold).value == value
    assert scored(gold, gold).value == 1


@pytest.mark.parametrize(
    "query", ["SELECT 'b' UNION ALL SELECT 'c'", "SELECT name FROM p WHERE id IN (2, 3)"]
)
def test_luck_on_one_database_is_not_luck_on_two(query: str) -> None:
    gold = "SELECT name FROM p WHERE price = (SELECT MAX(price) FROM p)"
    assert scored(query, gold).value == 1
    score = scored(query, gold, more={"databases": [ONE, TWO]})
    assert (score.value, score.reasons) == (0, ("another result on 1 of 2 databases",))
    assert scored(gold, gold, more={"databases": [ONE, TWO]}).value == 1


def test_columns_come_in_any_order_when_told_so() -> None:
    gold, query = "SELECT name, id, price FROM p", "SELECT price, name, id FROM p"
    assert scored(query, gold).value == 0
    assert scored(query, gold, any_column_order=True).value == 1
    assert scored("SELECT name, name, id FROM p", gold, any_column_order=True).value == 0
    assert scored("SELECT n, p_id FROM q", "SELECT p_id, n FROM q", any_column_order=True).value == 1


def test_a_part_of_the_rows_earns_its_share_when_told_so() -> None:
    query = "SELECT name FROM p WHERE price = 5"
    assert scored(query).value == 0
    assert scored(query, partial=0.5).value == pytest.approx(0.5 * 0.8)
    assert scored(query, partial=0.5).components["rows"] == pytest.approx(0.8)
    assert scored("SELECT 1, 2", partial=0.5).value == 0
    assert scored(NAMED, partial=0.5).value == 1
    with pytest.raises(ValueError, match="partial"):
        scored(NAMED, partial=1.0)


def test_components_tell_how_far_a_query_came() -> None:
    assert scored(NAMED).components == {"parses": 1, "runs": 1, "matches": 1}
    assert scored("SELECT 1").components == {"parses": 1, "runs": 1, "matches": 0}
    assert scored("SELECT x FROM p").components == {"parses": 1, "runs": 0, "matches": 0}
    assert scored("no idea").components == {"parses": 0, "runs": 0, "matches": 0}


def test_expected_rows_stand_in_for_a_gold_query() -> None:
    more = {"expected": [["b"], ["c"]]}
    assert scored("SELECT name FROM p WHERE price = 5 ORDER BY id DESC", more=more).value == 1
    assert (
        scored("SELECT name FROM p WHERE price = 5 ORDER BY id DESC", more={**more, "ordered": True}).value
        == 0
    )
    assert scored("SELECT name FROM p WHERE price = 5 ORDER BY id", more={**more, "ordered": True}).value == 1


def test_schema_and_rows_may_be_keys_of_the_record() -> None:
    sample = Sample("1", (), "SELECT name FROM p WHERE price > 0", NAMED, {"schema": SCHEMA, "rows": ONE})
    assert sql_result(sample).value == 1


@pytest.mark.parametrize(
    ("dialect", "query"),
    [
        ("postgres", "SELECT name::text FROM p WHERE price IS NOT NULL"),
        ("mysql", "SELECT `name` FROM p WHERE NOT ISNULL(price)"),
        ("tsql", "SELECT [name] FROM p WHERE price IS NOT NULL"),
        ("snowflake", 'SELECT name FROM p WHERE price > 0 LIMIT 9'),
    ],
)  # fmt: skip
def test_other_dialects_are_translated(dialect: str, query: str) -> None:
    assert scored(query, "SELECT name FROM p WHERE price IS NOT NULL", dialect=dialect).value == 1


@pytest.mark.parametrize(
    "reference",
    [
        None, "", NAMED, 3, True, [["x"]], {"deep": {}}, {"ideal_response": NAMED}, {"ideal_response": NAMED,
        "schema": ""},
        {"ideal_response": "DROP TABLE p", "schema": SCHEMA, "rows": ONE}, {"ideal_response": "no",
        "schema": SCHEMA, "rows": ONE},
        {"ideal_response": "SELECT x FROM p", "schema": SCHEMA, "rows": ONE}, {"ideal_response": NAMED,
        "schema": "CREATE", "rows": ONE},
        {"ideal_response": NAMED, "schema": SCHEMA, "rows": {"other": [[1]]}}, {"ideal_response": NAMED,
        "schema": SCHEMA, "rows": [1]},
        {"ideal_response": NAMED, "schema": SCHEMA, "rows": {"p": [[1]]}}, {"ideal_response": NAMED,
        "schema": SCHEMA, "rows": {"p": 1}},
        {"ideal_response": NAMED, "schema": SCHEMA, "rows": {"p": [[1, {}, 2]]}}, {"ideal_response": NAMED,
        "schema": SCHEMA},
        {"ideal_response": NAMED, "schema": SCHEMA, "databases": []}, {"ideal_response": NAMED, "schema": SCHEMA,
        "databases": "x"},
        {"ideal_response": NAMED, "schema": SCHEMA, "rows": ONE, "expected": []},
        {"ideal_response": NAMED, "schema": SCHEMA, "rows": ONE, "expected": [[1], [1, 2]]},
        {"ideal_response": NAMED, "schema": SCHEMA, "databases": [ONE, TWO], "expected": [[1]]},
        {"ideal_response": "SELECT name FROM p WHERE 0", "schema": SCHEMA, "rows": ONE},
    ],
)  # fmt: skip
def test_a_reference_that_cannot_be_run_is_an_error_that_quotes_nothing(reference: Any) -> None:
    with pytest.raises(MissingReferenceError) as caught:
        sql_result(Sample("1", (), NAMED, reference))
    assert "price" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_score_is_the_same_every_time() -> None:
    responses = [
        NAMED,
        DEAR,
        "SELECT 1",
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT MAX(x) FROM n",
    ]
    first = [scored(response) for response in responses]
    assert [scored(response) for response in reversed(responses)] == first[::-1]


def test_importing_the_block_does_not_import_sqlglot() -> None:
    code = "import sys, rft.rewards.sql; sys.exit('sqlglot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


CELLS = st.one_of(
    st.none(), st.integers(-3, 3), st.sampled_from([0.5, 1.0, -2.5]), st.sampled_from(["", "a", "1"])
)
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=5)


def bag(rows: list[tuple[Any, ...]]) -> Gold:
    return Gold(2, rows, [None] * len(rows), 0, len(rows))


def matching(given_: list[tuple[Any, ...]], gold: Gold, *, any_column_order: bool = False) -> bool:
    return matches_gold(
        Result(2, given_), gold, relative=1e-6, absolute=1e-9, any_column_order=any_column_order
    )


@given(ROWS, st.randoms())
def test_a_shuffled_result_matches_and_a_changed_one_does_not(
    rows: list[tuple[Any, ...]], random: Any
) -> None:
    shuffled = random.sample(rows, len(rows))
    assert matching(shuffled, bag(rows))
    assert matching([row[::-1] for row in shuffled], bag(rows), any_column_order=True)
    assert not matching([*shuffled, ("new", None)], bag(rows))
    assert not matching([*shuffled[1:], ("new", None)], bag(rows)) or not rows


@given(st.lists(st.integers(0, 2), max_size=5), st.integers(0, 5), st.integers(0, 5))
def test_ties_at_a_limit_match_as_a_database_could_have_answered(
    keys: list[int], start: int, length: int
) -> None:
    rows = [(key, name) for key, name in zip(sorted(keys), "abcde", strict=False)]
    start, stop = min(start, len(rows)), min(start + length, len(rows))
    gold = Gold(2, rows, [key for key, _ in rows], start, stop)
    possible = {order[start:stop] for order in permutations(rows) if [k for k, _ in order] == sorted(keys)}
    for answer in permutations(rows, stop - start):
        assert matching(list(answer), gold) is (answer in possible)
