"""A run's report from what the run has stored and logged."""

from rft.monitoring import live_trace
from rft.monitoring.trace import Point
from rft.names import TRAIN, RunKeys
from rft.runs import answers
from rft.runs.record import RunRecord
from rft.runs.report import render_report


def current_report(record: RunRecord, bucket: str, keys: RunKeys, log_group: str) -> str:
    """The page as things are now; nothing is stored."""
    return render_report(
        record,
        points=current_points(record, bucket, keys, log_group),
        answers=answers.read(record, bucket, keys),
    )


def current_points(record: RunRecord, bucket: str, keys: RunKeys, log_group: str) -> list[Point]:
    """The points of the run's job until now; none without a job."""
    if record.job is None or TRAIN not in record.prepared:
        return []
    return live_trace.current(record, bucket, keys, log_group)
