"""Builds a WebAssembly component out of Python sources, and loads it.

componentize-py links the sources with CPython 3.14 for WASI; wasmtime compiles the component for the machine
that runs it (7 s of one processor, kept in a cache folder; its wheels cannot compile for another architecture).
Both are pinned and come from the Bytecode Alliance; only the component and wasmtime are needed where it runs.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rft.errors import SettingsError

if TYPE_CHECKING:
    import wasmtime
    from wasmtime.component import Component

BUILD_TIMEOUT_SECONDS: Final = 300
WIT_FILE: Final = "world.wit"
APP_MODULE: Final = "app"


def component_key(sources: Path) -> str:
    """What a component depends on: its sources and the version of the tool (hex)."""
    digest = hashlib.sha256(version("componentize-py").encode())
    for path in sorted(sources.glob("*.*")):
        digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:32]


def build_component(sources: Path, world: str, cache: Path | None = None) -> Path:
    """Return the component of a folder with `world.wit` and `app.py`; built once per cache folder.

    Raises:
        SettingsError: when the build fails, with the tool's last words.
    """
    cache = cache or cache_folder()
    component = cache / f"{world}-{component_key(sources)}.wasm"
    if not component.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            made = Path(scratch) / component.name
            _componentize(sources, world, made)
            made.replace(component)  # whole or not at all, whoever builds beside us
    return component


def load_component(path: Path, cache: Path | None = None) -> "tuple[wasmtime.Engine, Component]":
    """Return an engine with epoch interruption, and the component compiled for it.

    `cache` keeps the machine code; it must be writable by this user alone, since wasmtime trusts it.
    """
    import wasmtime
    from wasmtime.component import Component

    config = wasmtime.Config()
    config.epoch_interruption = True
    engine = wasmtime.Engine(config)
    compiled = (cache or cache_folder()) / f"{path.stem}-wasmtime-{version('wasmtime')}.cwasm"
    if not compiled.exists():
        compiled.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=compiled.parent) as scratch:
            made = Path(scratch) / compiled.name
            made.write_bytes(Component.from_file(engine, str(path)).serialize())
            made.replace(compiled)
    return engine, Component.deserialize_file(engine, str(compiled))


def cache_folder() -> Path:
    """Where this user's components are kept: RFT_CACHE_DIR, or the platform's place for caches."""
    if chosen := os.environ.get("RFT_CACHE_DIR"):
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_cache_dir("rft-pipeline"))


def _componentize(sources: Path, world: str, output: Path) -> None:
    command = [str(Path(sys.executable).parent / "componentize-py"), "-d", str(sources / WIT_FILE)]
    command += ["-w", world, "componentize", "-p", str(sources), APP_MODULE, "-o", str(output)]
    built = subprocess.run(  # noqa: S603 arguments of our own, no shell
        command, capture_output=True, text=True, timeout=BUILD_TIMEOUT_SECONDS
    )
    if built.returncode != 0:
        raise SettingsError(f"{sources}: componentize-py failed: {' '.join(built.stderr.split())[-600:]}")
