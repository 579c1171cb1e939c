"""Every use case that ships, and the one that `rft new` makes, passes its own audit."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rft.cli import project
from rft.cli.main import app
from rft.cli.new_use_case import create_use_case

ROOT = Path(__file__).resolve().parents[2]
USE_CASES = sorted(path.parent.name for path in (ROOT / "use_cases").glob("*/use_case.yaml"))


def breaches(name: str) -> list[str]:
    done = CliRunner().invoke(app, ["reward", "audit", name, "--json"])
    assert done.exit_code in (0, 1), done.output
    found = [breach["told"] for breach in json.loads(done.stdout)["breaches"]]
    assert bool(found) is bool(done.exit_code)
    return found


@pytest.mark.parametrize("name", USE_CASES)
def test_a_use_case_that_ships_passes_its_audit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert breaches(name) == []


def test_a_new_use_case_passes_its_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("environments", "templates"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "use_cases").mkdir()
    create_use_case("ticket-triage", template="use-case", root=tmp_path)
    monkeypatch.setattr(project, "root", lambda: tmp_path)
    assert breaches("ticket-triage") == []
