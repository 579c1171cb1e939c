"""What is in a function's package, and when its hash changes."""

import shutil
import sys
from pathlib import Path

import pytest

from rft.rewards.closure import import_closure
from stacks.constructs.bytecode import Packages, compile_folder
from stacks.constructs.code import CodeStager, fingerprint
from stacks.constructs.layers import LayerBuild
from stacks.functions import FUNCTIONS
from tests.stacks.support import ROOT, USE_CASES


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sources, to be changed."""
    for name in ("rft", "lambda", "use_cases"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("sample"))
    return tmp_path


def reward_hash(root: Path) -> str:
    return fingerprint(CodeStager(root).reward_code(root / "use_cases" / "gsm8k").folder)


@pytest.mark.parametrize("name", [spec.name for spec in FUNCTIONS])
def test_a_workflow_function_has_its_handler_and_the_domain_without_the_command_line(name: str) -> None:
    staged = CodeStager(ROOT).workflow_function(name, ROOT / "use_cases" / "gsm8k")
    assert (staged / "handler.py").is_file()
    assert (staged / "rft" / "settings.py").is_file()
    assert not (staged / "rft" / "cli").exists()
    assert (staged / "golden.jsonl").exists() is (name == "audit_reward")
    assert not list(staged.rglob("__pycache__"))


@pytest.mark.parametrize("name", USE_CASES)
def test_the_reward_function_has_what_it_imports_and_nothing_of_the_workflow(name: str) -> None:
    staged = CodeStager(ROOT).reward_code(ROOT / "use_cases" / name).folder
    for file in (
        "handler.py",
        "reward.py",
        "rft/__init__.py",
        "rft/rewards/contract.py",
        "rft/monitoring/metrics.py",
    ):
        assert (staged / file).is_file(), file
    for file in (
        "golden.jsonl",
        "sample",
        "use_case.yaml",
        "README.md",
        "test_reward.py",
        "rft/runs",
        "rft/execution/wasm.py",
        "rft/execution/child_process.py",
    ):
        assert not (staged / file).exists(), file
    calls_aws = name in ("code-generation", "summarization")
    assert (staged / "rft/aws.py").exists() is calls_aws


def test_files_beside_the_reward_come_with_it() -> None:
    staged = CodeStager(ROOT).reward_code(ROOT / "use_cases" / "invoice-extraction").folder
    assert (staged / "invoice.schema.json").is_file()


def test_the_reward_hash_is_the_same_wherever_and_whenever_it_is_made(project: Path) -> None:
    (project / "rft" / "rewards" / "__pycache__").mkdir(exist_ok=True)
    (project / "rft" / "rewards" / "__pycache__" / "contract.cpython-311.pyc").write_bytes(b"stray")
    assert reward_hash(project) == reward_hash(ROOT)


def test_the_reward_hash_follows_the_reward_and_what_it_imports_only(project: Path) -> None:
    before = reward_hash(project)
    (project / "rft" / "runs" / "store.py").write_text("# changed\n")
    (project / "use_cases" / "gsm8k" / "README.md").write_text("changed")
    assert reward_hash(project) == before
    with (project / "rft" / "rewards" / "contract.py").open("a") as file:
        file.write("# changed\n")
    changed = reward_hash(project)
    assert changed != before
    with (project / "use_cases" / "gsm8k" / "reward.py").open("a") as file:
        file.write("# changed\n")
    assert reward_hash(project) not in {before, changed}


def test_imports_inside_functions_are_followed(tmp_path: Path) -> None:
    (tmp_path / "rft").mkdir()
    (tmp_path / "rft" / "__init__.py").write_text("")
    (tmp_path / "rft" / "deep.py").write_text("")
    (tmp_path / "rft" / "lazy.py").write_text("def call():\n    from rft import deep\n")
    entry = tmp_path / "reward.py"
    entry.write_text("import json\nimport rft.lazy\n\n\ndef call():\n    from sqlglot import exp\n")
    closure = import_closure(tmp_path, [entry])
    names = {path.relative_to(tmp_path).as_posix() for path in closure.files}
    assert names == {"rft/__init__.py", "rft/lazy.py", "rft/deep.py"}
    assert closure.packages == {"sqlglot"}


def test_a_block_imported_on_first_use_brings_its_module_and_no_other_block() -> None:
    code = CodeStager(ROOT).reward_code(ROOT / "use_cases" / "gsm8k")
    assert "rft/rewards/numeric.py" in code.files
    assert "rft/rewards/extraction.py" not in code.files
    assert "jsonschema" not in code.packages


def test_a_layer_that_cannot_be_built_says_why(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("no-hash==1.0\n")
    build = LayerBuild(requirements, ("--offline",), "host")
    with pytest.raises(Exception, match="hash"):
        build.try_bundle(str(tmp_path / "out"), None)
    assert build.problem.startswith(f"{requirements}: cannot build the layer: ")


@pytest.mark.parametrize(
    ("packages", "tag"), [("lambda", "cpython-314"), ("host", sys.implementation.cache_tag)]
)
def test_bytecode_is_for_the_python_that_runs_it_and_the_same_twice(
    packages: Packages, tag: str, tmp_path: Path
) -> None:
    made = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "right.py").write_text("VALUES = [n * 2 for n in range(3)]\n")
        (folder / "wrong.py").write_text("print 'Python 2'\n")
        assert compile_folder(folder, packages) == 1
        made.append((folder / "__pycache__" / f"right.{tag}.pyc").read_bytes())
    assert made[0] == made[1]
    assert made[0][4:8] == (1).to_bytes(4, "little")  # PEP 552: by hash, never checked


def test_the_reward_function_ships_its_bytecode_and_its_hash_does_not_depend_on_it() -> None:
    stager = CodeStager(ROOT)
    code = stager.reward_code(ROOT / "use_cases" / "gsm8k")
    before = fingerprint(code.folder)
    compiled = stager.compiled(code.folder, "lambda")
    sources = {path.relative_to(compiled).with_suffix("") for path in compiled.rglob("*.py")}
    files = compiled.rglob("*.cpython-314.pyc")
    assert {path.parent.parent.relative_to(compiled) / path.name.split(".")[0] for path in files} == sources
    assert fingerprint(code.folder) == before
