"""What a reward function is made of: the modules of `rft` that it imports, and the packages of others.

Sources are read, never run. An import inside a function counts, one below `if TYPE_CHECKING:` does not.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rft import rewards

PACKAGE: Final = "rft"


@dataclass(frozen=True, slots=True)
class Closure:
    """`files` of `rft`, and the top-level names of the `packages` of others that these and the entries import."""

    files: frozenset[Path]
    packages: frozenset[str]


def import_closure(root: Path, entries: Iterable[Path]) -> Closure:
    """Follow the imports of `entries` through the package `rft` below `root`."""
    found: set[Path] = set()
    packages: set[str] = set()
    waiting = list(entries)
    while waiting:
        for module in _imports(waiting.pop()):
            new = set(_module_files(root, module)) - found
            found |= new
            waiting += new
            packages.add(module.split(".")[0])
    return Closure(frozenset(found), frozenset(packages - {PACKAGE} - sys.stdlib_module_names))


def _imports(path: Path) -> Iterator[str]:
    for node in _executed(ast.parse(path.read_bytes(), filename=str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (_home(node.module, alias.name) for alias in node.names)


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those below `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", None) == "TYPE_CHECKING":
            continue
        yield node
        yield from _executed(node)


def _home(module: str, name: str) -> str:
    """The module behind `from module import name`; blocks of the reward library are imported on first use."""
    if module == rewards.__name__ and name in rewards.BLOCKS:
        return f"{module}.{rewards.BLOCKS[name]}"
    return f"{module}.{name}"


def _module_files(root: Path, module: str) -> Iterator[Path]:
    """A module's file and the `__init__.py` of every package above it; nothing for modules of others."""
    parts = module.split(".")
    if parts[0] != PACKAGE:
        return
    for depth in range(1, len(parts) + 1):
        base = root.joinpath(*parts[:depth])
        for path in (base / "__init__.py", base.with_suffix(".py")):
            if path.is_file():
                yield path
