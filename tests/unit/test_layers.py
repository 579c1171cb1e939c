"""Data flows one way: the rules of docs/ARCHITECTURE.md, held against the imports."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path for folder in ("rft", "stacks", "lambda", "rehearsal") for path in (ROOT / folder).rglob("*.py")
)
REWARD_SIDE = ("rft/rewards", "rft/monitoring/metrics.py", "rft/monitoring/diversity.py", "lambda/reward")
BOTO_ALLOWED = ("rft/engines", "rft/aws.py", "rehearsal")
SETTINGS = (
    "stacks.settings",
    "stacks.yaml_files",
)  # the command line is outermost and reads the same settings
MAX_LINES, MAX_HANDLER_LINES = 300, 80


def imported(path: Path) -> set[str]:
    """Top-level packages, and for our own the dotted module, that a file imports at run time."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def uses(path: Path, *packages: str) -> set[str]:
    return {name for name in imported(path) if name.split(".")[0] in packages}


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_imports_go_one_way(path):
    place = relative(path)
    if place.startswith("rft/"):
        assert not uses(path, "rehearsal", "aws_cdk")
        outside = {name for name in uses(path, "stacks") if not name.startswith(SETTINGS)}
        assert not outside if place.startswith("rft/cli") else not uses(path, "stacks")
        if not place.startswith(BOTO_ALLOWED):
            assert not uses(path, "boto3")
    if place.startswith("lambda/"):
        assert not uses(path, "stacks", "rehearsal", "boto3")
    if place.startswith("stacks/"):
        assert not uses(path, "rehearsal")
    if place.startswith(REWARD_SIDE):
        assert not uses(path, "pydantic", "boto3", "botocore")


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_files_are_small(path):
    lines = len(path.read_text().splitlines())
    assert lines <= (MAX_HANDLER_LINES if path.name == "handler.py" else MAX_LINES)
