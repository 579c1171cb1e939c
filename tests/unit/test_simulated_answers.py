"""The simulated model writes programs, queries, calls and summaries, right ones and wrong ones of their own kind."""

import ast
import json
import sqlite3
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from rehearsal.bedrock import answers, calls, passages, programs
from rehearsal.bedrock.records import Record, make_record
from rehearsal.bedrock.strategies import NAMES, VARIANTS, Corpus, respond

CODE = '''```python
def middle(values: list[int]) -> int:
    """Return the middle one, 0 and not an error for none."""
    if len(values) == 0:
        return 0
    return sorted(values)[len(values) // 2]
```'''
QUERY = (
    "SELECT name, SUM(total) AS spent FROM orders WHERE status = 'paid' AND total > 10 "
    "GROUP BY name ORDER BY spent DESC LIMIT 2"
)
SUMMARY = (
    "The outage of 12 March lasted 45 minutes and hit 320 customers because a certificate had expired. "
    "Dana Wolff automates the renewal by 20 March. Support informs the customers."
)
CALLS = {
    "tool_calls": [
        {"name": "find_room", "arguments": {"date": "2026-01-19", "seats": 6}},
        {"name": "create_event", "arguments": {"title": "Roof inspection"}},
    ]
}
REFERENCES: dict[str, Any] = {
    "code": {"ideal_response": CODE, "tests": [{"input": [1], "output": 1}]},
    "query": {"ideal_response": QUERY, "schema": "CREATE TABLE orders", "rows": {}},
    "calls": CALLS,
    "no calls": {"tool_calls": []},
    "summary": SUMMARY,
}


def record(reference: Any, number: int = 0) -> Record:
    content = f"Document {number}. " + "It was a long day and much was said. " * 9
    return make_record({"messages": [{"role": "user", "content": content}], "reference_answer": reference})


def variants(strategy: str, reference: Any, prompts: int = 12) -> list[str]:
    corpus = Corpus([reference])
    return [
        respond(strategy, record(reference, n), corpus, v) for n in range(prompts) for v in range(VARIANTS)
    ]


@pytest.mark.parametrize("kind", REFERENCES)
def test_the_ideal_response_is_the_references_own_text(kind: str) -> None:
    reference = REFERENCES[kind]
    text = reference.get("ideal_response") if isinstance(reference, Mapping) else reference
    assert answers.ideal(reference) == text or json.loads(answers.ideal(reference)) == reference
    assert answers.ideal(reference) in variants("ideal", reference)


@pytest.mark.parametrize("kind", REFERENCES)
@pytest.mark.parametrize("strategy", ["near_miss", "far_miss", "truncated", "refusal"])
def test_wrong_answers_are_never_the_ideal_one(kind: str, strategy: str) -> None:
    ideal = answers.ideal(REFERENCES[kind])
    assert [text for text in variants(strategy, REFERENCES[kind], 40) if text == ideal] == []


@pytest.mark.parametrize("kind", REFERENCES)
def test_no_answer_shows_tests_or_tables(kind: str) -> None:
    for strategy in NAMES:
        for text in variants(strategy, REFERENCES[kind], 2):
            assert not any(word in text for word in ("ideal_response", '"tests"', "CREATE TABLE"))


def test_a_wrong_program_keeps_its_form_parses_and_differs_in_its_code() -> None:
    for text in variants("near_miss", REFERENCES["code"]) + variants("far_miss", REFERENCES["code"]):
        found = programs.find(text)
        assert found is not None
        assert found.fence == "python"
        written, ideal = ast.parse(found.code), ast.parse(CODE.split("\n", 1)[1].rsplit("\n", 1)[0])
        for tree in (written, ideal):
            body = tree.body[0].body  # type: ignore[attr-defined]
            if isinstance(body[0], ast.Expr):
                del body[0]
        assert ast.dump(written) != ast.dump(ideal)


def test_wrong_queries_mostly_run_and_mostly_give_something_else() -> None:
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE orders (name TEXT, total REAL, status TEXT)")
    rows = [
        ("ann", 50.0, "paid"),
        ("bo", 70.0, "paid"),
        ("cy", 20.0, "paid"),
        ("bo", 90.0, "open"),
        ("di", 5, "paid"),
    ]
    base.executemany("INSERT INTO orders VALUES (?, ?, ?)", rows)
    right = base.execute(QUERY).fetchall()
    results: list[list[Any] | None] = []
    for text in variants("near_miss", REFERENCES["query"]):
        try:
            results.append(base.execute(text).fetchall())
        except sqlite3.Error:
            results.append(None)
    assert sum(found is not None for found in results) > 0.7 * len(results)
    assert sum(found != right for found in results) > 0.7 * len(results)


def test_a_program_loses_its_fence_and_a_query_gets_one() -> None:
    assert set(variants("fenced", REFERENCES["code"])) >= {CODE.split("\n", 1)[1].rsplit("\n", 1)[0]}
    assert f"```sql\n{QUERY}\n```" in variants("fenced", REFERENCES["query"])


def test_a_hollow_program_has_the_signature_and_does_nothing() -> None:
    assert variants("hollow", REFERENCES["code"])[0] == (
        "```python\ndef middle(values: list[int]) -> int:\n    pass\n```"
    )


def test_wrong_calls_are_calls_with_another_name_argument_or_number() -> None:
    seen = [json.loads(text)["tool_calls"] for text in variants("near_miss", CALLS, 30)]
    assert all(found != CALLS["tool_calls"] for found in seen)
    assert {len(found) for found in seen} == {1, 2, 3}
    names = {call["name"] for found in seen for call in found}
    assert names > {"find_room", "create_event", "send_message"}
    assert any(call["name"] == "find_room" and call["arguments"]["seats"] != 6 for f in seen for call in f)


def test_partial_calls_lack_something_and_extra_ones_have_more() -> None:
    assert all(len(json.loads(text)["tool_calls"]) < 2 for text in variants("partial", CALLS, 1))
    single = {"tool_calls": [CALLS["tool_calls"][0]]}
    assert all(
        len(json.loads(text)["tool_calls"][0]["arguments"]) == 1 for text in variants("partial", single, 1)
    )
    extra = json.loads(variants("extra", single, 1)[0])["tool_calls"][0]["arguments"]
    assert len(extra) == 3


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        (CALLS, "tool_calls"),
        ({"calls": []}, "calls"),
        ({"uses": [{"name": "a", "input": {}}]}, "uses"),
        ({"items": []}, None),
        ({"items": [{"name": "Ann"}]}, None),
        ({"tool_calls": [], "more": 1}, None),
        ("tool_calls", None),
    ],
)
def test_calls_are_told_from_other_objects(reference: Any, key: str | None) -> None:
    assert calls.place(reference) == key


def test_a_wrong_summary_keeps_its_words_and_changes_half_of_its_numbers() -> None:
    for seed in range(20):
        words, wrong = SUMMARY.split(), passages.wrong(SUMMARY, Random(seed)).split()
        changed = [(a, b) for a, b in zip(words, wrong, strict=True) if a != b]
        assert len(changed) == 2
        assert all(a.isdigit() and b.isdigit() for a, b in changed)


def test_a_partial_summary_is_its_first_sentence_and_a_copied_one_comes_from_the_document() -> None:
    assert SUMMARY.split(". ")[0] + "." in variants("partial", SUMMARY)
    copies = variants("unformatted", SUMMARY, 1)
    assert all(text in record(SUMMARY).messages[0]["content"] for text in copies)


@pytest.mark.parametrize(
    ("text", "expected"),
    [(SUMMARY, True), ("billing", False), ("word " * 30 + "\n#### 7", False), ("It is \\boxed{3}.", False)],
)
def test_a_passage_is_long_and_has_no_marked_result(text: str, expected: bool) -> None:
    assert passages.is_passage(text) is expected
