"""How much the judge was used by this process: a thread-safe counter that the reward function empties per batch.

It is not in the package `judge`, so that whoever only reads it does not deploy a judge with it.
"""

import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """Answered calls of the judge, their tokens as Bedrock counts them, and judgements that could not be had.

    A retried call counts every time that the model answered: those tokens are paid.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    errors: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.errors + other.errors,
        )


class _Counter:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used = Usage()

    def add(self, used: Usage) -> None:
        with self._lock:
            self._used += used

    def drain(self) -> Usage:
        with self._lock:
            used, self._used = self._used, Usage()
        return used


_COUNTER = _Counter()


def count(used: Usage) -> None:
    """Add to the counter."""
    _COUNTER.add(used)


def drain() -> Usage:
    """Return what was counted since the last call, and start again from nothing."""
    return _COUNTER.drain()
