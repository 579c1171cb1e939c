"""Reads the reward curve of a run from the reward function's log while the run goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rft import aws, names
from rft.monitoring.curve import Point, reward_curve

LOGS_NOT_THERE: Final = "ResourceNotFoundException"


@dataclass(frozen=True, slots=True)
class Curves:
    """Smoothed rewards in [0, 1] in the order of time; `points` by split, as the report takes them."""

    points: Mapping[str, Sequence[Point]]

    @property
    def training(self) -> list[float]:
        return [point.mean_reward for point in self.points.get(names.TRAIN, ())]

    @property
    def validation(self) -> list[float]:
        return [point.mean_reward for point in self.points.get(names.VALIDATION, ())]


EMPTY: Final = Curves({})


class CurveReader:
    """Remembers the log lines it has read, so that each look fetches only what is new."""

    def __init__(self, log_group: str) -> None:
        self._log_group = log_group
        self._seen: set[tuple[int, str]] = set()
        self._newest_ms = 0

    def read(self, run_id: str, since: datetime | None) -> Curves:
        """The curves of a run that began at `since`."""
        start_ms = self._newest_ms or (int(since.timestamp() * 1000) if since else 0)
        options: dict[str, Any] = {
            "logGroupName": self._log_group,
            "startTime": start_ms,
            "filterPattern": f'"{run_id}"',
        }
        try:
            for page in aws.client("logs").get_paginator("filter_log_events").paginate(**options):
                for event in page["events"]:
                    self._seen.add((event["timestamp"], event["message"]))
                    self._newest_ms = max(self._newest_ms, event["timestamp"])
        except Exception as error:
            if aws.code_of(error) != LOGS_NOT_THERE:
                raise
        return Curves(reward_curve((message for _, message in self._seen), run_id))
