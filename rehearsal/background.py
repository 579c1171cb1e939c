"""A child process that works while something else goes on, and never outlives its `with` block."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self


class BackgroundError(RuntimeError):
    """The process failed; the message ends with the last lines of its output."""


class Background:
    """Runs a command in a process group of its own; `seconds` is how long it took, once it is over."""

    def __init__(self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.seconds = 0.0
        self._output = tempfile.TemporaryFile()  # noqa: SIM115 (closed in __exit__)
        self._started = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=30)
        self._output.close()

    def result(self, timeout_seconds: float) -> str:
        """Wait for the end and return the output.

        Raises:
            BackgroundError: when it fails or takes longer.
        """
        try:
            code = self._process.wait(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            raise BackgroundError(f"{self.name} was still running after {timeout_seconds:g} s") from None
        self.seconds = time.monotonic() - self._started
        self._output.seek(0)
        text = self._output.read().decode(errors="replace")
        if code != 0:
            tail = "\n".join(text.strip().splitlines()[-25:])
            raise BackgroundError(f"{self.name} failed with exit code {code}:\n{tail}")
        return text
