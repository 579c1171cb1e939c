"""`make use-case NAME=…`: a folder that validates and passes its own tests without an edit."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from rft.cli.new_use_case import create_use_case
from rft.datasets.chunks import FileSource
from rft.datasets.rules import Rules
from rft.datasets.validate import validate
from rft.errors import SettingsError
from rft.names import SPLITS
from rft.settings import UseCaseSettings

ROOT = Path(__file__).parents[2]
USE_CASES = sorted(path.parent for path in (ROOT / "use_cases").glob("*/use_case.yaml"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    (tmp_path / "use_cases").mkdir()
    return tmp_path


def settings_of(folder: Path) -> UseCaseSettings:
    return UseCaseSettings.model_validate(
        yaml.safe_load((folder / "use_case.yaml").read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize("name", ["ticket-triage", "a", "x1-2y", "abcdefghijklmnopqrstuvwx"])
def test_a_new_use_case_is_complete_for_any_allowed_name(project: Path, name: str) -> None:
    folder = create_use_case(name, "use-case", project)
    assert folder == project / "use_cases" / name
    found = {path.name for path in folder.iterdir()}
    assert found == {path.name for path in (ROOT / "use_cases/gsm8k").iterdir()} - {"__pycache__"}
    assert settings_of(folder).name == name
    assert name in (folder / "README.md").read_text(encoding="utf-8")


def test_a_new_use_case_passes_its_own_tests(project: Path) -> None:
    folder = create_use_case("ticket-triage", "use_case", project)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
        str(folder),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=project, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_use_cases_sample_is_valid_and_balanced(project: Path) -> None:
    folder = create_use_case("ticket-triage", "use-case", project)
    files = {split: FileSource(folder / "sample" / f"{split}.jsonl") for split in SPLITS}
    outcome = validate(files, Rules.of(settings_of(folder)))
    assert not outcome.findings.shown
    assert outcome.counts == {"train": 240, "validation": 40, "test": 80}


@pytest.mark.parametrize(
    "name", ["", "Ticket", "ticket_triage", "-a", "a-", "a--b", "9a", "../x", "a" * 25, "a\n", "foundation"]
)
def test_a_name_that_aws_or_the_stacks_would_refuse_is_one_line(project: Path, name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        create_use_case(name, "use-case", project)
    assert "\n" not in str(caught.value)
    assert not list((project / "use_cases").iterdir())


def test_an_existing_folder_is_never_touched(project: Path) -> None:
    (project / "use_cases" / "mine").mkdir()
    with pytest.raises(SettingsError, match="exists already"):
        create_use_case("mine", "use-case", project)
    assert not list((project / "use_cases" / "mine").iterdir())


def test_an_unknown_template_names_those_that_exist(project: Path) -> None:
    with pytest.raises(SettingsError, match="allowed: use-case"):
        create_use_case("mine", "nope", project)


def test_a_failing_generator_leaves_nothing_behind(project: Path) -> None:
    (project / "templates/use_case/template/generate_sample.py").write_text("raise SystemExit(3)\n")
    with pytest.raises(subprocess.CalledProcessError):
        create_use_case("mine", "use-case", project)
    assert not list((project / "use_cases").iterdir())


@pytest.mark.parametrize("folder", USE_CASES, ids=lambda folder: folder.name)
def test_every_use_case_of_the_project_has_valid_settings_and_twelve_golden_answers(folder: Path) -> None:
    assert settings_of(folder).name == folder.name
    assert len((folder / "golden.jsonl").read_text(encoding="utf-8").splitlines()) >= 12
