"""Reads a run's reward curve from the reward function's log group."""

from datetime import datetime
from itertools import islice
from typing import Final

from rft import aws
from rft.monitoring.curve import Point, reward_curve

MAX_EVENTS: Final = 50_000  # a bound on time and memory: about 3 million rollouts in batches of 64


def read_curve(log_group: str, run_id: str, since: str) -> dict[str, list[Point]]:
    """The curve by split since an ISO 8601 time."""
    start_ms = int(datetime.fromisoformat(since).timestamp() * 1000)
    pages = (
        aws.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=log_group, startTime=start_ms, filterPattern=f'"{run_id}"')
    )
    messages = (event["message"] for page in pages for event in page["events"])
    return reward_curve(islice(messages, MAX_EVENTS), run_id)
