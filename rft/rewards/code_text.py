"""Finds the program in a response, and looks at it without running it."""

import ast
import re
import warnings
from typing import Final

from rft.execution.port import MAX_CODE_CHARACTERS

_FENCE: Final = re.compile(r"^[ \t]{0,3}```[ \t]*([A-Za-z0-9+_-]{0,20})[^\n`]{0,80}\n", re.MULTILINE)
_PYTHON: Final = frozenset({"", "py", "py3", "python", "python3"})


def find_program(text: str) -> str | None:
    """Return the last fenced block of Python in a text, or the whole text when it has no fence; None when that
    is too long, empty or not Python.

    The last block counts, since models correct themselves; nothing is gained by writing several.
    """
    blocks = _blocks(text)
    program = blocks[-1] if blocks else ("" if "```" in text else text)
    return program if program.strip() and parse(program) is not None else None


def _blocks(text: str) -> list[str]:
    """The contents of closed fences that say Python or nothing."""
    found, position = [], 0
    while opening := _FENCE.search(text, position):
        end = text.find("\n```", opening.end() - 1)
        if end < 0:
            break
        if opening[1].lower() in _PYTHON:
            found.append(text[opening.end() : end + 1])
        position = end + 4
    return found


def parse(program: str) -> ast.Module | None:
    """The syntax tree; None when there is none, or the program is too long to look at."""
    if len(program) > MAX_CODE_CHARACTERS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def defines(tree: ast.Module, name: str) -> bool:
    """Whether the program's top level defines a function, class or name `name`."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == name:
            return True
        if isinstance(node, ast.Assign):
            if any(isinstance(target, ast.Name) and target.id == name for target in node.targets):
                return True
        elif isinstance(node, ast.ImportFrom) and any((a.asname or a.name) == name for a in node.names):
            return True
    return False


def imported_modules(tree: ast.Module) -> set[str]:
    """Top-level names of the modules that import statements anywhere in the program name."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found
