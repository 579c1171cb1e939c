"""`rft reward audit` from the outside: exit codes, JSON, a table that fits, nothing of the data printed."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rft.cli import project
from rft.cli.main import app
from tests.unit import audit_world as world

ROOT = Path(__file__).resolve().parents[2]
HONEST = """
import re

from rft.rewards.contract import MissingReferenceError


def number(text):
    found = set(re.findall(r"####[ ]?([0-9]{1,9})(?![^\\n])", text[-2000:]))
    return found.pop() if len(found) == 1 else None


def reward(sample):
    expected = number(sample.reference) if isinstance(sample.reference, str) else None
    if expected is None:
        raise MissingReferenceError("no number")
    return float(number(sample.response) == expected)
"""
HACKABLE = HONEST.replace("number(sample.response) == expected", "expected in sample.response")
SETTINGS = """
name: coins
description: Coins that are counted, for tests of the audit
base_model: amazon.nova-2-lite-v1:0:256k
"""


@pytest.fixture
def use_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one use case."""
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
    folder = tmp_path / "use_cases" / "coins"
    (folder / "sample").mkdir(parents=True)
    (folder / "use_case.yaml").write_text(SETTINGS)
    (folder / "reward.py").write_text(HONEST)
    lines = "".join(json.dumps(record) + "\n" for record in world.sums())
    (folder / "sample" / "train.jsonl").write_text(lines)
    monkeypatch.setattr(project, "root", lambda: tmp_path)
    return folder


def run(*arguments: str, columns: int = 80) -> Any:
    return CliRunner().invoke(app, ["reward", "audit", *arguments], env={"COLUMNS": str(columns)})


def test_a_good_reward_ends_with_0_and_the_verdict(use_case: Path) -> None:
    done = run("coins")
    assert done.exit_code == 0, done.output
    assert "coins passes its audit: 24 known answers score as they should" in " ".join(done.output.split())


def test_a_hackable_reward_ends_with_1_and_names_the_breach(use_case: Path) -> None:
    (use_case / "reward.py").write_text(HACKABLE)
    done = run("coins")
    assert done.exit_code == 1
    told = " ".join(done.output.split())
    assert "breach A or B or C, right one last: earns 1.000 on average, above max_hack_score 0.3" in told
    assert "coins fails its audit: 3 breaches" in told


def test_a_threshold_of_the_use_case_decides(use_case: Path) -> None:
    (use_case / "reward.py").write_text(HACKABLE)
    (use_case / "use_case.yaml").write_text(SETTINGS + "reward: {audit: {max_hack_score: 1}}\n")
    assert run("coins").exit_code == 0


def test_json_is_one_document_and_nothing_else(use_case: Path) -> None:
    done = run("coins", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["passed"] is True


def test_brief_prints_the_verdict_alone(use_case: Path) -> None:
    assert run("coins", "--brief").output.count("\n") == 1


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_fits(use_case: Path, columns: int) -> None:
    lines = run("coins", columns=columns).output.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= columns
    assert any("A or B or C, right one first" in line for line in lines)


def test_other_data_can_be_audited(use_case: Path, tmp_path: Path) -> None:
    broken = [{**record, "reference_answer": "no number"} for record in world.sums()]
    (tmp_path / "train.jsonl").write_text("".join(json.dumps(record) + "\n" for record in broken))
    done = run("coins", "--data", str(tmp_path))
    assert done.exit_code == 1
    assert "the reference of training record 1 makes the reward raise" in " ".join(done.output.split())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file; pass --data DIR"),
        ("{broken\n", "check it with: rft validate"),
        ("[]\n", "malformed"),
    ],
)
def test_a_wrong_call_ends_with_2_and_one_line(
    use_case: Path, tmp_path: Path, content: str | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "train.jsonl").write_text(content)
    done = run("coins", "--data", str(tmp_path), columns=300)
    assert done.exit_code == 2
    assert words in done.output
    assert "Traceback" not in done.output


def test_a_malformed_golden_answer_is_named(use_case: Path) -> None:
    (use_case / "golden.jsonl").write_text("{}\n")
    done = run("coins", columns=300)
    assert done.exit_code == 2
    assert "golden.jsonl:1: malformed golden answer" in done.output


def test_an_unknown_use_case_ends_with_2(use_case: Path) -> None:
    assert run("nothing").exit_code == 2
