"""Stages what a function's code holds: its handler, the part of `rft` that it needs, a use case's files.

Staged folders hold sources only, so that the same sources give the same hash on every machine.
"""

import atexit
import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from rft.execution.component import build_component, component_key
from rft.execution.wasm import WORLD
from rft.rewards.closure import PACKAGE, import_closure
from rft.rewards.loading import GOLDEN_FILE
from rft.rewards.staging import NOT_DEPLOYED, copy_sources, stage_reward
from stacks.constructs.bytecode import Packages, compile_folder
from stacks.functions import EXECUTOR, HANDLER_FILE, LAMBDA_FOLDER, REWARD

AUDIT: Final = "audit_reward"
COMMAND_LINE: Final = "cli"
GUEST_FOLDER: Final = "rft/execution/guest"
COMPONENT_FILE: Final = "sandbox.wasm"


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
            copy_sources(self._root / LAMBDA_FOLDER / name, staged, NOT_DEPLOYED)
            copy_sources(self._root / PACKAGE, staged / PACKAGE, NOT_DEPLOYED | {COMMAND_LINE})
            if with_golden and (use_case_folder / GOLDEN_FILE).exists():
                shutil.copyfile(use_case_folder / GOLDEN_FILE, staged / GOLDEN_FILE)
        return staged

    def reward_code(self, use_case_folder: Path) -> "RewardCode":
        """What `rft.rewards.staging` puts together for one use case."""
        staged = self._folder / f"{REWARD}-{use_case_folder.name}"
        closure = stage_reward(self._root, use_case_folder, staged)
        files = frozenset(path.relative_to(self._root).as_posix() for path in closure.files)
        return RewardCode(staged, files, closure.packages)

    def executor_function(self) -> Path:
        """Handler, the engines, and the sandbox's component."""
        staged = self._folder / EXECUTOR
        if not staged.exists():
            copy_sources(self._root / LAMBDA_FOLDER / EXECUTOR, staged, NOT_DEPLOYED)
            copy_sources(self._root / GUEST_FOLDER, staged / GUEST_FOLDER, NOT_DEPLOYED)
            for path in import_closure(self._root, [staged / HANDLER_FILE]).files:
                target = staged / path.relative_to(self._root)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
            guest = self._root / GUEST_FOLDER
            shutil.copyfile(build_component(guest, WORLD), staged / COMPONENT_FILE)
            (staged / f"{COMPONENT_FILE}.key").write_text(component_key(guest), encoding="utf-8")
        return staged

    def compiled(self, folder: Path, packages: Packages) -> Path:
        """A copy of a staged folder with its bytecode beside the sources."""
        target = folder.with_name(f"{folder.name}-{packages}")
        if not target.exists():
            shutil.copytree(folder, target)
            compile_folder(target, packages)
        return target


@dataclass(frozen=True, slots=True)
class RewardCode:
    """A staged reward function: the `files` of `rft` in it, and the `packages` of others that it imports."""

    folder: Path
    files: frozenset[str]
    packages: frozenset[str]

    @property
    def asks_a_judge(self) -> bool:
        return any(file.startswith(f"{PACKAGE}/rewards/judge/") for file in self.files)

    @property
    def runs_code(self) -> bool:
        return f"{PACKAGE}/rewards/code.py" in self.files


def fingerprint(folder: Path, *also: str) -> str:
    """SHA-256 (hex) over the relative paths and contents of all sources of a folder, and over `also`.

    The sandbox's component is left out, as no two builds are alike; its key lies beside it.
    """
    digest = hashlib.sha256()
    for text in also:
        digest.update(f"{len(text)}\0{text}\0".encode())
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != COMPONENT_FILE):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
