"""When to look at a job next: an interval later, and sooner the nearer its last step is.

`mantle` announces no end, but numbers its steps; looking at half of the time that is left finds the end soon without
many looks. `nova` announces it, and may stop before its last step, which is inferred anyway.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from rft.monitoring.trace import Point
from rft.settings import MIN_WATCH_SECONDS

SHARE_OF_THE_REST: Final = 0.5
LEAST_SHARE: Final = 1 / 8  # of the interval: how soon it may be, and never under a minute
RECENT_STEPS: Final = 20


def next_look_seconds(points: Sequence[Point], interval_seconds: int) -> int:
    """Seconds until the next look, 60 or more; the interval while the engine does not tell how many steps are left."""
    timed = [(point.step, point.seconds) for point in points if point.seconds is not None]
    total = points[-1].total_steps if points else None
    paces = [
        (after - before) / (later - sooner)
        for (sooner, before), (later, after) in pairwise(timed[-RECENT_STEPS:])
    ]
    if total is None or not paces or points[-1].inferred:
        return interval_seconds
    rest = max(0, total - timed[-1][0]) * max(0.0, median(paces))
    soon = max(MIN_WATCH_SECONDS, LEAST_SHARE * interval_seconds, SHARE_OF_THE_REST * rest)
    return round(min(interval_seconds, soon))
