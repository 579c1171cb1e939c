"""docs/REWARDS.md runs, and it lists every public block."""

import re
from pathlib import Path
from typing import Any

from typer.main import get_command

from rft import rewards
from rft.cli.main import app

PAGE = Path(__file__).resolve().parents[2] / "docs/REWARDS.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_example_runs_in_order_and_asserts_something() -> None:
    namespace: dict[str, object] = {"__name__": "rewards_page"}
    examples = list(BLOCK.finditer(TEXT))
    assert len(examples) > 10
    for example in examples:
        assert "assert " in example[1]
        line = TEXT.count("\n", 0, example.start(1))
        # Padding makes a failure name the line of the page.
        exec(compile("\n" * line + example[1], str(PAGE), "exec"), namespace)


def test_every_python_block_is_an_example() -> None:
    assert len(BLOCK.findall(TEXT)) == len(re.findall(r"^```python", TEXT, re.MULTILINE))


def test_every_public_name_has_a_row_and_no_row_names_another() -> None:
    named = re.findall(r"^\| `(\w+)`", TEXT[TEXT.index("## The blocks") :], re.MULTILINE)
    assert set(rewards.__all__) - set(named) == set()
    assert set(named) - set(rewards.__all__) == set()
    assert len(named) == len(set(named))


def test_every_command_of_the_page_exists() -> None:
    known = _commands(get_command(app))
    named = set(re.findall(r"`rft ((?:[a-z]+ )*[a-z]+)", TEXT))
    assert named - known == set()


def _commands(command: Any, prefix: str = "") -> set[str]:
    found = {prefix.strip()} - {""}
    for name, inner in getattr(command, "commands", {}).items():
        found |= _commands(inner, f"{prefix} {name}")
    return found
