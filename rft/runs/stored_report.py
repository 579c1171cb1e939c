"""A run's report from what the run has stored and logged."""

from collections.abc import Sequence
from dataclasses import dataclass

from rft.monitoring import live_trace
from rft.monitoring.trace import Point
from rft.names import TRAIN, RunKeys
from rft.runs import answers
from rft.runs.chart_png import png
from rft.runs.curves import charts
from rft.runs.record import RunRecord
from rft.runs.report import render_report


@dataclass(frozen=True, slots=True)
class CurrentReport:
    """A run's report as things are now; making it stores nothing."""

    record: RunRecord
    bucket: str
    keys: RunKeys
    points: Sequence[Point]

    @classmethod
    def read(cls, record: RunRecord, bucket: str, keys: RunKeys, log_group: str) -> "CurrentReport":
        """Read the points of the run's job until now; none without a job."""
        begun = record.job is not None and TRAIN in record.prepared
        points = live_trace.current(record, bucket, keys, log_group) if begun else []
        return cls(record, bucket, keys, points)

    def page(self) -> str:
        """The page, with answers of the test evaluation where there has been one."""
        shown = answers.read(self.record, self.bucket, self.keys)
        return render_report(self.record, points=self.points, answers=shown)

    def image(self) -> bytes | None:
        """The reward curves as a PNG; None before anything was scored."""
        drawn = charts(self.record, self.points)
        return png(drawn[0], f"{self.record.use_case} · run {self.record.run_id}") if drawn else None
