"""Ships compiled bytecode: Lambda's file system is read-only, so what is not compiled here is at every start.

For Lambda, the CPython 3.14 inside the component compiles, whatever Python this machine has; for an emulator
that runs handlers with this machine's Python, that Python does. Both write unchecked hash-based files
(PEP 552), which hold no time: the same sources give the same bytes.
"""

import py_compile
import sys
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from rft.execution.component import build_component, component_key, load_component

Packages = Literal["lambda", "host"]  # built for Lambda's Python, or for the one that runs this
GUEST: Final = Path(__file__).parents[1] / "bytecode_guest"
WORLD: Final = "compiler"
LAMBDA_TAG: Final = "cpython-314"


def bytecode_key(packages: Packages) -> str:
    """What the bytecode depends on besides the sources."""
    return component_key(GUEST) if packages == "lambda" else sys.version


def compile_folder(folder: Path, packages: Packages) -> int:
    """Write the `.pyc` of every source of a folder that compiles; return how many."""
    compiled = 0
    for source in sorted(folder.rglob("*.py")):
        compiled += _on_host(source) if packages == "host" else _for_lambda(source)
    return compiled


def _on_host(source: Path) -> bool:
    try:
        py_compile.compile(
            str(source),
            dfile=source.name,
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except (py_compile.PyCompileError, UnicodeDecodeError):
        return False  # packages carry files of other versions of Python, which nothing imports
    return True


def _for_lambda(source: Path) -> bool:
    from wasmtime import WasmtimeError

    store, function = _compiler()
    try:
        data = function(store, source.name, source.read_text(encoding="utf-8"))
    except (WasmtimeError, UnicodeDecodeError):
        _compiler.cache_clear()  # an instance that trapped is not entered again
        return False
    target = source.parent / "__pycache__" / f"{source.stem}.{LAMBDA_TAG}.pyc"
    target.parent.mkdir(exist_ok=True)
    target.write_bytes(data)
    return True


@cache
def _compiler() -> tuple[Any, Any]:
    import wasmtime
    from wasmtime.component import Linker

    engine, component = load_component(build_component(GUEST, WORLD))
    linker = Linker(engine)
    linker.add_wasip2()
    store = wasmtime.Store(engine)
    store.set_wasi(wasmtime.WasiConfig())
    store.set_epoch_deadline(1)
    function = linker.instantiate(store, component).get_func(store, "compile-source")
    return store, function
