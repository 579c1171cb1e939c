"""Puts together the folder that a reward function is deployed from."""

import shutil
from pathlib import Path
from typing import Final

from rft.rewards.closure import PACKAGE, Closure, import_closure
from rft.rewards.loading import GOLDEN_FILE

HANDLER_FOLDER: Final = "lambda/reward"
NOT_DEPLOYED: Final = frozenset({"__pycache__", "py.typed"})
# Files of a use case that its reward function never reads.
NOT_FOR_REWARD: Final = frozenset(
    {"use_case.yaml", "README.md", GOLDEN_FILE, "sample", "generate_sample.py", "conftest.py"} | NOT_DEPLOYED
)


def stage_reward(root: Path, use_case_folder: Path, staged: Path) -> Closure:
    """Copy handler, the use case's reward with the files beside it, and only the modules these import.

    A change elsewhere in `rft` so leaves the reward's hash, and with it the run ids, as they are.
    """
    copy_sources(root / HANDLER_FOLDER, staged, NOT_DEPLOYED)
    copy_sources(use_case_folder, staged, NOT_FOR_REWARD)
    own = [path for path in staged.rglob("*.py") if PACKAGE not in path.relative_to(staged).parts]
    closure = import_closure(root, own)
    for file in closure.files:
        target = staged / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    return closure


def copy_sources(source: Path, target: Path, excluded: frozenset[str]) -> None:
    """Copy a folder into another without tests, hidden files, bytecode and the names in `excluded`."""

    def ignored(_: str, names: list[str]) -> list[str]:
        return [
            name
            for name in names
            if name in excluded or name.startswith(("test_", ".")) or name.endswith(".pyc")
        ]

    shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)
