"""The process that compares mathematics with math-verify: one JSON object a line in, one a line out.

Run as a module by `rft.rewards.symbolic_process`, which kills it when it takes too long. It lives no longer than
its parent: the end of standard input ends it, and a comparison has a limit of processor time.
"""

import json
import math
import os
import queue
import resource
import sys
import threading
from typing import Any, Final

READY: Final = "ready"
EQUAL: Final = "equal"
DIFFERENT: Final = "different"
NO_GOLD: Final = "gold unreadable"
MAX_MEMORY_BYTES: Final = 1 << 30  # of address space; sympy alone takes 0.3 GB of it
_SPARE_SECONDS: Final = 2  # processor time beyond the parent's own limit


def main() -> None:
    """Answer requests `{"gold", "answer", "seconds"}` until standard input ends."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints must not look like a reply
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    verdict("1", "1")  # the first comparison builds tables of the parser
    requests: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests,), daemon=True).start()
    _reply(replies, READY)
    while True:
        request = requests.get()
        _limit_processor_time(request["seconds"])
        _reply(replies, verdict(request["gold"], request["answer"]))


def verdict(gold: str, answer: str) -> str:
    """Return how an answer compares with the reference, both LaTeX without dollar signs.

    Only math-verify's LaTeX grammar reads them; its free-form reader, which goes through `parse_expr`, is off.
    """
    from math_verify import (  # type: ignore[import-untyped]
        LatexExtractionConfig,
        parse,
        verify,
    )

    read: list[list[Any]] = []
    for latex in (gold, answer):
        parsed = parse(
            f"\\boxed{{{latex}}}",
            extraction_config=[LatexExtractionConfig()],
            fallback_mode="no_fallback",
            extraction_mode="first_match",
            parsing_timeout=None,
        )
        # Text that was found and not understood compares by spelling, which the parent has done already.
        read.append([expression for expression in parsed if not isinstance(expression, str)])
    if not read[0]:
        return NO_GOLD
    return EQUAL if read[1] and verify(read[0], read[1], timeout_seconds=None) else DIFFERENT


def _read(requests: "queue.SimpleQueue[dict[str, Any]]") -> None:
    for line in sys.stdin:
        requests.put(json.loads(line))
    os._exit(0)


def _limit_processor_time(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(used.ru_utime + used.ru_stime + seconds) + _SPARE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def _reply(replies: Any, text: str) -> None:
    replies.write(json.dumps({"verdict": text}) + "\n")
    replies.flush()


if __name__ == "__main__":
    main()
