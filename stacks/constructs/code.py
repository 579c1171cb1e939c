"""Stages what a function's code holds: its handler, the part of `rft` that it needs, a use case's files.

Staged folders hold sources only, so that the same sources give the same hash on every machine.
"""

import ast
import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from rft import rewards
from stacks.functions import LAMBDA_FOLDER, REWARD

PACKAGE: Final = "rft"
GOLDEN_FILE: Final = "golden.jsonl"
REWARD_FILE: Final = "reward.py"
AUDIT: Final = "audit_reward"
NOT_DEPLOYED: Final = frozenset({"__pycache__", "py.typed"})
COMMAND_LINE: Final = "cli"
# Files of a use case that its reward function never reads.
NOT_FOR_REWARD: Final = frozenset(
    {"use_case.yaml", "README.md", GOLDEN_FILE, "sample", "generate_sample.py", "conftest.py"} | NOT_DEPLOYED
)


class CodeStager:
    """Stages the code of the functions of one project into a temporary folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def _folder(self) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="rft-stage-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder

    def workflow_function(self, name: str, use_case_folder: Path) -> Path:
        """Handler and all of `rft` without the command line; the audit also gets the golden answers."""
        with_golden = name == AUDIT
        staged = self._folder / (f"{name}-{use_case_folder.name}" if with_golden else name)
        if not staged.exists():
            _copy_tree(self._root / LAMBDA_FOLDER / name, staged, NOT_DEPLOYED)
            _copy_tree(self._root / PACKAGE, staged / PACKAGE, NOT_DEPLOYED | {COMMAND_LINE})
            if with_golden and (use_case_folder / GOLDEN_FILE).exists():
                shutil.copyfile(use_case_folder / GOLDEN_FILE, staged / GOLDEN_FILE)
        return staged

    def reward_function(self, use_case_folder: Path) -> Path:
        """Handler, the use case's reward with the files beside it, and only the modules these import.

        A change elsewhere in `rft` so leaves the reward's hash, and with it the run ids, as they are.
        """
        staged = self._folder / f"{REWARD}-{use_case_folder.name}"
        if staged.exists():
            return staged
        _copy_tree(self._root / LAMBDA_FOLDER / REWARD, staged, NOT_DEPLOYED)
        _copy_tree(use_case_folder, staged, NOT_FOR_REWARD)
        for path in imported_files(self._root, staged.glob("**/*.py")):
            target = staged / path.relative_to(self._root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        return staged


def fingerprint(folder: Path) -> str:
    """SHA-256 (hex) over the relative paths and contents of all files of a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def imported_files(root: Path, entries: Iterable[Path]) -> set[Path]:
    """Files of the package that `entries` import, directly or through each other, lazily or not."""
    found: set[Path] = set()
    waiting = list(entries)
    while waiting:
        for module in _imports(waiting.pop()):
            new = set(_module_files(root, module)) - found
            found |= new
            waiting += new
    return found


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


def _copy_tree(source: Path, target: Path, excluded: frozenset[str]) -> None:
    def ignored(_: str, names: list[str]) -> list[str]:
        return [
            name
            for name in names
            if name in excluded or name.startswith(("test_", ".")) or name.endswith(".pyc")
        ]

    shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)
