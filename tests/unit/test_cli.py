"""The command line: what it prints, and how it ends: 0 well, 1 with a finding, 2 called wrongly."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rft.cli.main import app
from rft.rewards.batch import score_batch
from rft.rewards.loading import load_reward

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "use_cases" / "gsm8k" / "sample"
EVENT = [
    {
        "id": 7,
        "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "70 + 2\n#### 72"}],
        "metadata": {"reference_answer": "#### 72"},
    },
    {
        "id": "b",
        "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "no idea"}],
        "reference_answer": {"text": "#### 72"},
    },
]


@pytest.fixture(autouse=True)
def no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.chdir(ROOT)


def rft(*arguments: str | Path, stdin: str | None = None) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


def one_line(text: str) -> bool:
    return text.startswith("error ") and text.count("\n") == 1


@pytest.mark.parametrize("use_case", ["gsm8k", "invoice-extraction"])
def test_the_samples_are_valid(use_case):
    told = rft("validate", use_case)
    assert told.exit_code == 0
    assert told.stdout == "240 train, 40 validation, 80 test: 0 errors, 0 warnings\n"


def test_a_finding_ends_with_1_and_names_file_and_line(tmp_path):
    lines = (SAMPLE / "train.jsonl").read_bytes().splitlines(keepends=True)
    lines[6] = b'{"messages": [\n'
    broken = tmp_path / "train.jsonl"
    broken.write_bytes(b"".join(lines))
    told = rft("validate", "gsm8k", "--train", broken, "--json")
    assert told.exit_code == 1
    (finding,) = json.loads(told.stdout)["findings"]
    assert (finding["file"], finding["line"], finding["code"]) == ("train.jsonl", 7, "invalid_json")


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", "no-such-use-case"),
        ("validate", "gsm8k", "--train", "no-such-file.jsonl"),
        ("reward", "score", "gsm8k", "no-such-file.json"),
        ("runs", "list", "--env", "no-such-environment"),
        ("runs", "list"),
        ("submit", "gsm8k", "no-such-folder"),
        ("submit", "gsm8k", SAMPLE),
    ],
    ids=lambda arguments: " ".join(map(str, arguments[:2])),
)
def test_a_wrong_call_ends_with_2_and_one_line(arguments):
    told = rft(*arguments)
    assert told.exit_code == 2
    assert one_line(told.stderr)
    assert told.stdout == ""


def test_reward_score_prints_what_the_function_returns(tmp_path):
    file = tmp_path / "event.json"
    file.write_text(json.dumps(EVENT))
    told = rft("reward", "score", "gsm8k", file)
    assert told.exit_code == 0
    assert json.loads(told.stdout) == score_batch(EVENT, load_reward(ROOT / "use_cases" / "gsm8k"))
    assert [entry["aggregate_reward_score"] for entry in json.loads(told.stdout)] == [1.0, 0.0]


def test_reward_score_reads_standard_input():
    told = rft("reward", "score", "gsm8k", "-", stdin=json.dumps(EVENT))
    assert [entry["id"] for entry in json.loads(told.stdout)] == [7, "b"]


@pytest.mark.parametrize("text", ["{}", "", "[1,", '"x"'])
def test_reward_score_refuses_what_is_no_array(text):
    told = rft("reward", "score", "gsm8k", "-", stdin=text)
    assert told.exit_code == 2
    assert one_line(told.stderr)


def test_convert_writes_a_dataset_that_validates(tmp_path):
    source = tmp_path / "gsm8k.jsonl"
    rows = [
        {"question": f"What is {n} + 1?", "answer": f"{n} + 1 = {n + 1}\n#### {n + 1}"} for n in range(200)
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    told = rft("convert", "--from", "gsm8k", source, tmp_path / "data", "--json")
    assert told.exit_code == 0
    assert sum(json.loads(told.stdout)["records"].values()) == 200
    assert rft("validate", "gsm8k", "--dir", tmp_path / "data").exit_code == 0


def test_an_unknown_format_lists_the_known_ones(tmp_path):
    told = rft("convert", "--from", "parquet", SAMPLE / "train.jsonl", tmp_path)
    assert told.exit_code == 2
    assert "gsm8k" in told.stderr


def test_a_name_that_aws_would_refuse_is_refused():
    told = rft("new", "Ticket_Triage")
    assert told.exit_code == 2
    assert one_line(told.stderr)
