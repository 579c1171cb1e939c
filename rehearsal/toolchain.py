"""The tools a rehearsal needs: where they are, and the one command that installs what is missing."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

EMULATOR_PYTHON = "RFT_EMULATOR_PYTHON"  # overrides .venv-local/bin/python


class SetUpError(Exception):
    """A tool is missing; the message says which, and the command that installs it."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Paths of the project and of the tools it installs for itself."""

    root: Path
    emulator_python: Path
    cdk_cli: tuple[str, ...]


def find(root: Path) -> Toolchain:
    """Look for every tool.

    Raises:
        SetUpError: naming the first one that is missing.
    """
    emulator = Path(os.environ.get(EMULATOR_PYTHON) or root / ".venv-local" / "bin" / "python")
    cdk = root / "node_modules" / "aws-cdk" / "bin" / "cdk"
    node = _beside_python("node")
    if node is None:
        raise SetUpError("node is not installed; run: make setup")
    for path, what in ((emulator, "the local AWS"), (cdk, "the CDK command line")):
        if not path.exists():
            raise SetUpError(f"{what} is not installed ({path} is missing); run: make setup")
    return Toolchain(root, emulator, (node, str(cdk)))


def _beside_python(name: str) -> str | None:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def tool_path() -> str:
    """PATH with the project's own tools first, for child processes such as the synthesis, which calls node."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
