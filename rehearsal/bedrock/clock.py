"""The simulator's clock: simulated seconds, scaled as the emulator scales the waits of Step Functions."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

LONGEST_REAL_WAIT_SECONDS = 2.0  # a wait must not make a rehearsal tedious, whatever the scale


class Clock:
    """Sleeps and tells deadlines in simulated seconds."""

    def __init__(self, scale: Callable[[], float]) -> None:
        self._scale = scale

    def real_seconds(self, simulated: float) -> float:
        return min(simulated * self._scale(), LONGEST_REAL_WAIT_SECONDS)

    def sleep(self, simulated: float) -> None:
        time.sleep(self.real_seconds(simulated))

    def after(self, simulated: float) -> float:
        """Return the moment, on `time.monotonic`, that lies so many simulated seconds ahead."""
        return time.monotonic() + self.real_seconds(simulated)

    @staticmethod
    def passed(moment: float) -> bool:
        return time.monotonic() >= moment


def now() -> datetime:
    return datetime.now(UTC)
