"""The documents keep up with the code: alarms, errors, states and links."""

import ast
import json
import re
from pathlib import Path

import pytest

from rft.datasets.codes import Code

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = (ROOT / "docs/RUNBOOK.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/ARCHITECTURE.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
BASES = ("RftError",)


def errors() -> set[str]:
    tree = ast.parse((ROOT / "rft/errors.py").read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.ClassDef)} - set(BASES)


def states() -> set[str]:
    return set(
        json.loads((ROOT / "stepfunctions/rft_pipeline.asl.json").read_text(encoding="utf-8"))["States"]
    )


def test_every_error_has_a_row_in_the_runbook() -> None:
    assert errors() <= set(re.findall(r"^\| (\w+) \|", RUNBOOK, re.MULTILINE))


def test_every_state_is_in_the_architecture_s_picture() -> None:
    pictures = "".join(re.findall(r"^```mermaid$(.*?)^```$", ARCHITECTURE, re.MULTILINE | re.DOTALL))
    assert states() <= set(re.findall(r"\w+", pictures))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_relative_links_resolve(page: Path) -> None:
    links = [link.split("#")[0] for link in LINK.findall(page.read_text(encoding="utf-8"))]
    relative = [link for link in links if link and ":" not in link]
    assert [link for link in relative if not (page.parent / link).exists()] == []


def test_the_table_of_findings_is_the_code_s() -> None:
    page = (ROOT / "docs/DATASETS.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (\w+) \| (.+) \| (\[\w+\]) \|$", page, re.MULTILINE)
    assert rows == [(code.value, code.area, code.severity, code.meaning, code.source) for code in Code]
    assert len(rows) >= 40
