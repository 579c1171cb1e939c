"""An invocation's log is complete and ready with its answer; MiniStack guesses its end by waiting 50 ms.

The worker marks the end of each invocation in its log, and the reader stops there.
"""

import queue
import time
from typing import Any, Final

from ministack.core import lambda_runtime

from rehearsal.localaws.plugins import PluginMismatch, replace

MARK: Final = "\x1eend-of-invocation"
ANSWER: Final = '        _real_stdout.write(_line + "\\n")\n'  # written by lambda_errors
LONGEST_SECONDS: Final = 0.25


def apply() -> None:
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    if script.count(ANSWER) != 1:
        raise PluginMismatch("the Python worker no longer answers where lambda_errors lets it")
    marking = f"        sys.stderr.write({MARK!r} + chr(10))\n        sys.stderr.flush()\n"
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(ANSWER, marking + ANSWER)
    replace(lambda_runtime.Worker, "_drain_stderr_bounded", "3fd7cc742872", lambda _: _drain)


def _drain(worker: Any) -> str:
    """Every line of the log up to the mark; what is there when no mark comes, as from a dead worker."""
    lines: list[str] = []
    deadline = time.monotonic() + LONGEST_SECONDS
    while (left := deadline - time.monotonic()) > 0:
        try:
            line = worker._stderr_queue.get(timeout=left)
        except queue.Empty:
            break
        lines.append(line.removesuffix(MARK))
        if line.endswith(MARK):
            break
    return "\n".join(lines).removesuffix("\n")
