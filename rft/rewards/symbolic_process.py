"""Starts, asks and kills the process that compares mathematics.

A thread cannot be ended and signals reach the main thread only, so a comparison that may never end runs in a
process of its own, which is kept between comparisons and batches. Lambda has no `/dev/shm`: plain pipes serve.
"""

import json
import os
import select
import subprocess
import sys
import threading
import time
from typing import Any, Final

from rft.rewards import symbolic_child

START_SECONDS: Final = (
    30.0  # importing sympy takes 0.3 s, without compiled files 2 s, on a small function more
)
TIMED_OUT: Final = "timed out"
DIED: Final = "died"
# Nothing else of the environment: what the grader of model text does not have it cannot give away.
_PASSED_ON: Final = ("PATH", "LD_LIBRARY_PATH", "LANG", "TZ", "PYTHONHOME")


class SymbolicUnavailableError(RuntimeError):
    """The process cannot start: math-verify is not installed, or the machine has no memory left for it."""


class Comparer:
    """One child process, started on first use and again after it was killed. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def compare(self, gold: str, answer: str, seconds: float) -> str:
        """Return the child's verdict, or `TIMED_OUT` or `DIED`, after which the child is no more.

        Raises:
            SymbolicUnavailableError: when the child cannot start.
        """
        with self._lock:
            process = self._started()
            request = json.dumps({"gold": gold, "answer": answer, "seconds": seconds}) + "\n"
            try:
                _pipe(process.stdin).write(request.encode())
                _pipe(process.stdin).flush()
            except OSError:
                self._kill()
                return DIED
            verdict = _read_verdict(process, seconds)
            if verdict in (TIMED_OUT, DIED):
                self._kill()
            return verdict

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._kill()

    def _started(self) -> "subprocess.Popen[bytes]":
        # A process forked from this one must not talk to its parent's child.
        if self._process is not None and self._owner == os.getpid() and self._process.poll() is None:
            return self._process
        self._process, self._owner = _start(), os.getpid()
        if _read_verdict(self._process, START_SECONDS) != symbolic_child.READY:
            self._kill()
            raise SymbolicUnavailableError(
                "the process for mathematics does not start; is math-verify installed?"
            )
        return self._process

    def _kill(self) -> None:
        process, self._process = self._process, None
        if process is None or self._owner != os.getpid():
            return
        process.kill()
        process.wait()
        _pipe(process.stdout).close()
        try:
            _pipe(process.stdin).close()
        except OSError:
            return  # what was not written yet has no reader any more


def _start() -> "subprocess.Popen[bytes]":
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(folder) for folder in sys.path)  # noqa: PTH100
    return subprocess.Popen(  # noqa: S603 our own interpreter and module
        [sys.executable, "-P", "-m", symbolic_child.__name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )


def _read_verdict(process: "subprocess.Popen[bytes]", seconds: float) -> str:
    pipe = _pipe(process.stdout)
    deadline, received = time.monotonic() + seconds, b""
    waiter = select.poll()
    waiter.register(pipe, select.POLLIN)
    while not received.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not waiter.poll(left * 1000):
            return TIMED_OUT
        chunk = os.read(pipe.fileno(), 4096)
        if not chunk:
            return DIED
        received += chunk
    return str(json.loads(received)["verdict"])


def _pipe(pipe: Any) -> Any:
    assert pipe is not None
    return pipe
