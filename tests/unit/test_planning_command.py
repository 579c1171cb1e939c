"""`rft plan` as a person and a script see it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rft.cli import console
from rft.cli.main import app
from tests.unit.run_world import ROOT, records

run = CliRunner()


@pytest.fixture(autouse=True)
def _inside_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def planned(*arguments: str, code: int = 0) -> str:
    result = run.invoke(app, ["plan", *arguments])
    assert result.exit_code == code, result.output
    return result.stdout


def test_the_sample_is_planned_without_an_account() -> None:
    found = json.loads(planned("gsm8k", "--json"))
    assert found["records"] == {"train": 240, "validation": 40, "test": 80}
    assert found["forecast"]["unknown"] == ["training", "validation rollouts"]
    assert "training" in found["budget"]["asks_for_approval"]
    assert {item["name"]: item["value"] for item in found["hyperparameters"]}["epochCount"] == 6


def test_the_rehearsals_invented_price_makes_everything_known() -> None:
    found = json.loads(planned("summarization", "--env", "local", "--json"))
    assert found["forecast"]["unknown"] == []
    assert found["budget"]["asks_for_approval"] == ""
    assert found["forecast"]["low_usd"] < found["forecast"]["total_usd"] < found["forecast"]["high_usd"]


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.stdout, "width", width)
    shown = planned("code-generation")
    assert max(map(len, shown.splitlines())) <= width
    for words in ("epochCount", "training", "unknown", "low to high", "a person must agree: yes"):
        assert words in shown
    assert ("assumption" in shown) is (width > 100)


def test_over_budget_ends_with_1_and_a_missing_thing_with_2(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(records(300))
    project = tmp_path / "project"
    for folder in ("environments", "use_cases"):
        (project / folder).mkdir(parents=True)
    (project / "environments/dev.yaml").write_text(
        'account: "111111111111"\nregion: us-east-1\nremoval: destroy\nbudget_usd_per_run: 0.001\n'
    )
    (project / "use_cases/sums").mkdir()
    (project / "use_cases/sums/use_case.yaml").write_text(
        "name: sums\ndescription: Sums of numbers\nbase_model: amazon.nova-2-lite-v1:0:256k\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        assert "over budget" in planned("sums", "--data", str(tmp_path), code=1)
    planned("nothing-of-the-kind", code=2)
    planned("gsm8k", "--env", "nowhere", code=2)
    planned("gsm8k", "--data", str(project), code=2)
