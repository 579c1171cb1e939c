"""The default engine: CPython in WebAssembly, a fresh instance for every call of the entry point.

An instance has its own memory and nothing else: no files, no sockets, no processes, no environment. Its time
is cut by wasmtime's epochs, which no program can catch. What a host call could wait for (sleep, select) is
refused, since epochs do not cut host calls.

Source: docs.wasmtime.dev, "Interrupting Wasm Execution" and "Security".
"""

import atexit
import json
import threading
import time
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from rft.execution.component import build_component, load_component
from rft.execution.port import NO_OUTPUT, TIMEOUT, Input, Limits, Output, Program, read_answer, refusal

GUEST: Final = Path(__file__).with_name("guest")
WORLD: Final = "sandbox"
TICK_SECONDS: Final = 0.01
_CLOCK: Final = "wasi:clocks/monotonic-clock@0.2.9"


class _RefusedWaitError(Exception):
    """A program asked to wait."""


class WasmEngine:
    """Runs programs in instances of the component; `component` is the built file, made here when None."""

    def __init__(self, component: Path | None = None, cache: Path | None = None) -> None:
        self._component, self._cache = component, cache
        self._lock = threading.Lock()

    @cached_property
    def _linked(self) -> tuple[Any, Any, Any]:
        """Engine, component and linker; what they make is used by many threads."""
        from wasmtime.component import Linker

        engine, component = load_component(self._component or build_component(GUEST, WORLD), self._cache)
        linker = Linker(engine)
        linker.allow_shadowing = True
        linker.add_wasip2()
        with linker.root() as root, root.add_instance(_CLOCK) as clock:
            clock.add_func("now", lambda _: time.monotonic_ns())
            clock.add_func("resolution", lambda _: 1)
            clock.add_func("subscribe-duration", _refuse)
            clock.add_func("subscribe-instant", _refuse)
        threading.Thread(target=_tick, args=(engine,), daemon=True).start()
        for held in (component, linker):
            atexit.register(held.close)  # while the library is still there to free them
        return engine, component, linker

    def warm_up(self) -> None:
        """Compile and load the component now, and not with the first program."""
        with self._lock:
            _ = self._linked

    def run(self, program: Program, limits: Limits) -> list[Output]:
        refused = refusal(program)
        if refused is not None:
            return refused
        self.warm_up()
        outputs = []
        deadline = time.monotonic() + limits.seconds
        for item in program.inputs:
            left = deadline - time.monotonic()
            outputs.append(self._call(program, item, left, limits) if left > 0 else Output(error=TIMEOUT))
        return outputs

    def _call(self, program: Program, item: Input, seconds: float, limits: Limits) -> Output:
        import wasmtime

        engine, component, linker = self._linked
        request = json.dumps(
            {
                "code": program.code,
                "entry_point": program.entry_point,
                "args": list(item.args),
                "kwargs": dict(item.kwargs or {}),
            }
        )
        store = wasmtime.Store(engine)
        store.set_wasi(wasmtime.WasiConfig())
        store.set_limits(memory_size=limits.memory_mb * 2**20, instances=100, tables=100, memories=1)
        store.set_epoch_deadline(max(1, round(seconds / TICK_SECONDS)))
        began = time.monotonic()
        try:
            function = linker.instantiate(store, component).get_func(store, "call")
            return read_answer(function(store, request))
        except _RefusedWaitError:
            return Output(error="Waits")
        except (wasmtime.WasmtimeError, wasmtime.ExitTrap):
            timed_out = time.monotonic() - began >= seconds - 2 * TICK_SECONDS
            return Output(error=TIMEOUT if timed_out else NO_OUTPUT)
        finally:
            store.close()


def _refuse(*_: Any) -> None:
    raise _RefusedWaitError


def _tick(engine: Any) -> None:
    while True:
        time.sleep(TICK_SECONDS)
        engine.increment_epoch()
