"""What a deployed reward function costs at a cold start: time to import it, and size of its code and layers."""

import compileall
import importlib.metadata
import io
import os
import py_compile
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rft.rewards.closure import Closure
from rft.rewards.staging import stage_reward

STARTS: Final = 11  # fresh processes with the handler, and as many without
LAYERS: Final = "lambda/layers"
OWN_LAYER: Final = "reward"  # every reward function has it


@dataclass(frozen=True, slots=True)
class Deployment:
    """`import_ms` is what importing the handler adds to a bare interpreter's `bare_ms` (medians).

    Sizes are in bytes, zipped, with bytecode; `layers` by their folder's name, as far as their packages are
    installed here.
    """

    import_ms: float
    bare_ms: float
    code_bytes: int
    layers: dict[str, int]

    @property
    def total_bytes(self) -> int:
        return self.code_bytes + sum(self.layers.values())


@contextmanager
def staged(root: Path, use_case_folder: Path) -> Iterator[tuple[Path, Closure]]:
    """A temporary folder as it is deployed, bytecode included, and what it imports."""
    with tempfile.TemporaryDirectory(prefix="rft-bench-") as scratch:
        folder = Path(scratch) / "code"
        closure = stage_reward(root, use_case_folder, folder)
        _compile(folder)
        yield folder, closure


def measure_deployment(root: Path, code: Path, closure: Closure) -> Deployment:
    """Measure a folder of `staged`."""
    bare, loaded = [], []
    for _ in range(STARTS):  # by turns, so that a busy machine is busy for both
        bare.append(_start(code, "pass"))
        loaded.append(_start(code, "import handler"))
    bare_ms = statistics.median(bare)
    return Deployment(
        import_ms=statistics.median(loaded) - bare_ms,
        bare_ms=bare_ms,
        code_bytes=_zipped(code),
        layers={name: _layer_bytes(root / LAYERS / name) for name in _layers(root, closure)},
    )


def _start(code: Path, statement: str) -> float:
    """Milliseconds of a fresh interpreter without `site`, as `site` would import modules before the clock runs."""
    paths = [str(code), sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"]]
    program = f"import sys; sys.path[:0] = {paths!r}; {statement}"
    began = time.perf_counter()
    subprocess.run(  # noqa: S603 our own interpreter
        [sys.executable, "-I", "-S", "-c", program], check=True, env={"PATH": os.environ.get("PATH", "")}
    )
    return (time.perf_counter() - began) * 1000


def _layers(root: Path, closure: Closure) -> list[str]:
    """The reward's layers: its own, and those whose requirements name a package that the reward imports."""
    distributions = importlib.metadata.packages_distributions()
    wanted = {name.casefold() for package in closure.packages for name in distributions.get(package, ())}
    found = [
        path.parent.name
        for path in sorted((root / LAYERS).glob(f"{OWN_LAYER}-*/requirements.in"))
        if wanted & set(_pinned(path))
    ]
    return [OWN_LAYER, *found]


def _pinned(requirements: Path) -> Iterator[str]:
    for line in requirements.read_text(encoding="utf-8").splitlines():
        name, pin, _ = line.partition("==")
        if pin and not name.startswith((" ", "#")):
            yield name.partition("[")[0].strip().casefold()


def _layer_bytes(layer: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="rft-layer-") as scratch:
        for name in _pinned(layer / "requirements.txt"):
            _copy_distribution(name, Path(scratch) / "python")
        _compile(Path(scratch))
        return _zipped(Path(scratch))


def _copy_distribution(name: str, target: Path) -> None:
    try:
        files = importlib.metadata.files(name) or []
    except importlib.metadata.PackageNotFoundError:
        return
    for file in files:
        source = Path(str(file.locate()))
        if ".." in file.parts or file.suffix == ".pyc" or not source.is_file():
            continue
        copy = target.joinpath(*file.parts)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)


def _compile(folder: Path) -> None:
    compileall.compile_dir(
        folder, quiet=2, force=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )


def _zipped(folder: Path) -> int:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(folder))
    return len(buffer.getvalue())
