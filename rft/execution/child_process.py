"""The hardened engine for code that needs native packages: a process of its own for every call.

It stops runaway time, memory, output, forks and files. It does not stop the network, reading files that this
user may read, or a flaw in the kernel; see docs/SECURITY.md. Whatever outlives its call is killed, and when
that fails the engine ends this whole environment, so that nothing of a program meets the next one.
"""

import contextlib
import ctypes
import json
import math
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rft.execution.guest.modules import MODULES
from rft.execution.port import (
    MAX_OUTPUT_BYTES,
    NO_OUTPUT,
    TIMEOUT,
    ExecutorError,
    Input,
    Limits,
    Output,
    Program,
    read_answer,
    refusal,
)

CHILD: Final = Path(__file__).with_name("guest") / "child.py"
INTERPRETER_MB: Final = 128  # of address space, that Python itself takes before the program has any
_PR_SET_DUMPABLE: Final = 4
_READ_BYTES: Final = 65_536
_SWEEPS: Final = 20


class SubprocessEngine:
    """Runs programs in processes without environment, in an empty folder, under resource limits."""

    def __init__(self) -> None:
        # Unreadable /proc/<parent>/environ: a program must not find credentials there.
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

    def run(self, program: Program, limits: Limits) -> list[Output]:
        refused = refusal(program)
        if refused is not None:
            return refused
        outputs = []
        deadline = time.monotonic() + limits.seconds
        for item in program.inputs:
            left = deadline - time.monotonic()
            outputs.append(_call(program, item, left, limits) if left > 0 else Output(error=TIMEOUT))
        return outputs


def _call(program: Program, item: Input, seconds: float, limits: Limits) -> Output:
    request = {
        "code": program.code,
        "entry_point": program.entry_point,
        "args": list(item.args),
        "kwargs": dict(item.kwargs or {}),
        "seconds": math.ceil(seconds) + 1,  # of processor time; what only the clock cuts is a timeout
        "memory_mb": limits.memory_mb + INTERPRETER_MB,
        "modules": MODULES if os.geteuid() == 0 else [],  # what a program imports later, nobody cannot read
    }
    with tempfile.TemporaryDirectory(prefix="rft-") as folder:
        Path(folder).chmod(0o755)
        child = subprocess.Popen(  # noqa: S603 our own script; the program arrives on standard input
            [sys.executable, "-I", "-S", "-B", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env={},
            start_new_session=True,
        )
        try:
            text = _exchange(child, json.dumps(request).encode(), seconds)
        finally:
            _end(child)
    if text is None:
        return Output(error=TIMEOUT)
    return read_answer(text) if text else Output(error=NO_OUTPUT)


def _exchange(child: subprocess.Popen[bytes], request: bytes, seconds: float) -> bytes | None:
    """Send the request and return what the child answers, cut beyond the limit; None when time runs out."""
    if child.stdin is None or child.stdout is None:
        raise ExecutorError("the child process has no pipes")
    deadline = time.monotonic() + seconds
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(request)
        child.stdin.close()
    answer = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while len(answer) <= MAX_OUTPUT_BYTES:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                return None
            data = os.read(child.stdout.fileno(), _READ_BYTES)
            if not data:
                return answer
            answer += data
    return answer


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the child's session, wait for it, and make sure that nothing of it is left.

    Raises:
        ExecutorError: never; the whole environment ends instead when something survives.
    """
    for _ in range(_SWEEPS):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        left = [pid for pid, parents in _processes() if child.pid in parents]
        if not left:
            break
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)
    else:
        os._exit(70)  # sysexits' EX_SOFTWARE: the next environment starts clean
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()


def _processes() -> list[tuple[int, set[int]]]:
    """Live processes with their parent, group and session, from /proc; empty where there is none."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = entry.read_text().rpartition(")")[2].split()
            if fields[0] != "Z":
                found.append((int(entry.parent.name), {int(value) for value in fields[1:4]}))
    return found
