"""Scores a batch within a time budget, several samples at once where a reward waits for others.

Python cannot end a thread. A sample that does not return in its time is abandoned in its thread, another thread
takes the thread's place, and what the abandoned one may still find is dropped. A sample that holds the
interpreter itself (a catastrophic regular expression) still ends in the function's timeout, so rewards must
use linear patterns.
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
LOOK_SHARE: Final = 0.05  # of an item's time: how late an expired item may be found


class Crew(Generic[Item, Result]):
    """Workers that take items in order; results keep the items' places, however many work."""

    def __init__(self, items: Sequence[Item], work: Callable[[Item], Result], workers: int) -> None:
        self._items, self._work = items, work
        self._settled: dict[int, Result] = {}
        self._started: dict[int, float] = {}  # of items under way, with the time they began
        self._next = 0
        self._over = False
        self._changed = threading.Condition()
        for _ in range(min(workers, len(items))):
            self._hire()

    def results(self, seconds: float, item_seconds: float, late: Callable[[Item], Result]) -> list[Result]:
        """Wait for all results, at most `seconds`, and `item_seconds` for one item; `late` stands for the rest."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while len(self._settled) < len(self._items):
                now = time.monotonic()
                if now >= deadline:
                    break
                expired = [place for place, began in self._started.items() if now >= began + item_seconds]
                for place in expired:
                    del self._started[place]
                    self._settled[place] = late(self._items[place])
                    self._hire()
                if not expired:
                    # Workers wake this thread at the end only; in between it looks for expired items.
                    waking = min(deadline - now, item_seconds * LOOK_SHARE)
                    self._changed.wait(None if waking == math.inf else waking)
            self._over = True
            return [
                self._settled[place] if place in self._settled else late(item)
                for place, item in enumerate(self._items)
            ]

    def _hire(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._over or self._next >= len(self._items):
                    return
                place = self._next
                self._next += 1
                self._started[place] = time.monotonic()
            result = self._work(self._items[place])
            with self._changed:
                if place not in self._started:
                    return  # given up on; another worker has taken over
                del self._started[place]
                self._settled[place] = result
                if len(self._settled) == len(self._items):
                    self._changed.notify()
