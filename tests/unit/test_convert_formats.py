"""Every format becomes records, every line is kept or dropped with a reason, and tables come back as they were."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rft.cli.main import app
from rft.datasets.converters import FORMATS
from rft.datasets.converters.port import Dropped, Kept, Options
from rft.datasets.converters.writing import write_dataset
from rft.errors import DatasetRejected

NO_OPTIONS = Options()
CHAT = [{"role": "user", "content": "How many?"}]
ROWS = [
    {"messages": CHAT, "reference_answer": "4", "task_id": "007", "level": 3, "share": 0.5, "hard": True},
    {
        "messages": [{"role": "system", "content": 'Say "x", or\ny'}, *CHAT],
        "reference_answer": {"a": [1, None]},
    },
    {"messages": CHAT * 1, "reference_answer": "é — {not JSON", "tags": ["a", "b"], "level": 4},
]


def read(name: str, path: Path, options: Options = NO_OPTIONS) -> list[Kept | Dropped]:
    return list(FORMATS[name](path, options))


def only(name: str, path: Path, options: Options = NO_OPTIONS) -> dict[str, Any]:
    (item,) = read(name, path, options)
    assert isinstance(item, Kept), item
    return item.record


def file(tmp_path: Path, *lines: Any) -> Path:
    path = tmp_path / "in.jsonl"
    path.write_text("".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in lines))
    return path


@pytest.mark.parametrize("table", ["csv", "parquet"])
def test_tables_come_back_as_they_were(tmp_path: Path, table: str) -> None:
    items = (Kept(line, row) for line, row in enumerate(ROWS, start=1))
    written = write_dataset(items, tmp_path, validation=0.0, test=0.0, target=table)
    assert written.records["train"] == len(ROWS)
    back = [item.record for item in read(table, tmp_path / f"train.{table}") if isinstance(item, Kept)]
    if table == "csv":  # a CSV has no types: numbers come back as the text that they are
        expected: list[dict[str, Any]] = [dict(row) for row in ROWS]
        expected[0].update(level="3", share="0.5", hard="true")
        expected[2].update(level="4")
    else:
        expected = ROWS
    assert back == expected


def test_a_csv_of_questions_becomes_prompts_with_references(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(
        'question,answer,level\n"How many, ""really""?",4,easy\n,5,easy\nWhat?,,hard\n', encoding="utf-8-sig"
    )
    kept, *dropped = read("csv", path, Options(instruction="End with ####."))
    assert isinstance(kept, Kept)
    assert kept.record == {
        "messages": [{"role": "user", "content": 'How many, "really"?\n\nEnd with ####.'}],
        "reference_answer": "4",
        "level": "easy",
    }
    assert [type(item) for item in dropped] == [Dropped, Dropped]
    assert ["question" in dropped[0].reason, "answer" in dropped[1].reason] == [True, True]


@pytest.mark.parametrize(
    ("name", "data", "options", "words"),
    [
        ("csv", b"a,b\n1,2\n", Options(), "no column for the prompt; pass --prompt-column, one of: a, b"),
        ("csv", b"a,b\n1,2\n", Options(prompt="c"), "no column 'c'; there are: a, b"),
        ("csv", b"", Options(), "one of: none"),
        ("csv", b"a\n\xff\n", Options(prompt="a"), "no CSV in UTF-8"),
        ("parquet", b"PAR1", Options(), "no Parquet file"),
    ],
)
def test_a_table_that_cannot_be_used_says_what_there_is(
    tmp_path: Path, name: str, data: bytes, options: Options, words: str
) -> None:
    path = tmp_path / "in"
    path.write_bytes(data)
    with pytest.raises(DatasetRejected, match=words.replace("(", r"\(")):
        read(name, path, options)


def test_a_list_of_prompts_has_no_references(tmp_path: Path) -> None:
    path = file(tmp_path, "What is new?", '"Quoted?"', {"prompt": "An object?", "id": "x"}, "", {"no": 1})
    kept = [item.record for item in read("prompts", path) if isinstance(item, Kept)]
    assert [record["messages"][0]["content"] for record in kept] == ["What is new?", "Quoted?", "An object?"]
    assert not any("reference_answer" in record for record in kept)
    assert [item.line for item in read("prompts", path) if isinstance(item, Dropped)] == [4, 5]


def test_an_openai_item_keeps_its_fields_and_gets_its_reference(tmp_path: Path) -> None:
    item = {"messages": CHAT, "correct_answer": "A", "subject_name": "Surgery"}
    record = only("openai", file(tmp_path, item), Options(reference="correct_answer"))
    assert record == {**item, "reference_answer": "A"}
    older = {"messages": [*CHAT, {"role": "assistant", "content": "4"}]}
    assert only("azure", file(tmp_path, older)) == {"messages": CHAT, "reference_answer": "4"}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"messages": []}, "no list"),
        ({"messages": [{"role": "system", "content": "x"}]}, "no user message"),
        ({"prompt": "x"}, "no list"),
    ],
)
def test_an_openai_item_without_a_prompt_is_dropped(tmp_path: Path, item: Any, reason: str) -> None:
    (dropped,) = read("openai", file(tmp_path, item))
    assert isinstance(dropped, Dropped)
    assert reason in dropped.reason


def test_the_best_candidate_becomes_the_reference_and_all_are_kept(tmp_path: Path) -> None:
    candidates = [{"response": "5", "score": 0.1}, {"text": "4", "reward": 0.9}]
    record = only(
        "preferences", file(tmp_path, {"prompt": "2+2?", "candidates": candidates, "topic": "sums"})
    )
    assert record["reference_answer"] == "4"
    assert record["candidates"] == [{"text": "5", "score": 0.1}, {"text": "4", "score": 0.9}]
    assert record["topic"] == "sums"
    chosen = {"prompt": "2+2?", "chosen": [{"role": "assistant", "content": "4"}], "rejected": "5"}
    assert only("preferences", file(tmp_path, chosen))["reference_answer"] == "4"


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"prompt": "x", "candidates": [{"text": "a", "score": 0.2}]}, "below 0.5"),
        ({"prompt": "x", "candidates": [{"text": t, "score": 0.8} for t in "ab"]}, "score the same"),
        ({"prompt": "x", "candidates": [{"text": "a", "score": 7}]}, "no candidates"),
        ({"candidates": [{"text": "a", "score": 1}]}, "no text under prompt"),
    ],
)
def test_a_log_that_teaches_nothing_is_dropped(tmp_path: Path, item: Any, reason: str) -> None:
    (dropped,) = read("preferences", file(tmp_path, item))
    assert isinstance(dropped, Dropped)
    assert reason in dropped.reason


def test_the_command_s_counts_add_up_and_every_dropped_line_is_listed(tmp_path: Path) -> None:
    good = [{"question": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(200)]
    source = file(tmp_path, *good[:100], "{", {"question": "?"}, *good[100:], "[]")
    result = CliRunner().invoke(
        app, ["convert", str(source), str(tmp_path / "out"), "--from", "qa", "--json"]
    )
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert told["read"] == 203 == sum(told["records"].values()) + sum(told["dropped"].values())
    listed = [json.loads(line) for line in (tmp_path / "out/dropped.jsonl").read_text().splitlines()]
    assert [item["line"] for item in listed] == [101, 102, 203]


def test_nothing_converted_is_an_error_that_says_where_the_reasons_are(tmp_path: Path) -> None:
    source = file(tmp_path, {"a": 1})
    result = CliRunner().invoke(app, ["convert", str(source), str(tmp_path / "out"), "--from", "qa"])
    assert result.exit_code == 1
    assert "dropped.jsonl" in result.stderr
