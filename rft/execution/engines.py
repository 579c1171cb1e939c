"""Which engine a name of `reward.executor.engine` stands for."""

from pathlib import Path
from typing import Final

from rft.execution.port import Engine, ExecutorError

WASM, SUBPROCESS, AGENTCORE = "wasm", "subprocess", "agentcore"
ENGINES: Final = (WASM, SUBPROCESS, AGENTCORE)


def make_engine(name: str, component: Path | None = None, cache: Path | None = None) -> Engine:
    """Make an engine; `component` and `cache` are the wasm engine's built file and its folder for machine code.

    Raises:
        ExecutorError: when no engine has this name.
    """
    if name == WASM:
        from rft.execution.wasm import WasmEngine

        return WasmEngine(component, cache)
    if name == SUBPROCESS:
        from rft.execution.child_process import SubprocessEngine

        return SubprocessEngine()
    if name == AGENTCORE:
        from rft.execution.agentcore import AgentCoreEngine

        return AgentCoreEngine()
    raise ExecutorError(f"no engine {name!r}; allowed: {', '.join(ENGINES)}")
