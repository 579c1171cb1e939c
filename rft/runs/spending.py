"""What a run that ended has cost, as far as it is known: the forecast's lines with what was really used."""

from datetime import UTC, datetime

from rft.monitoring import job_watch
from rft.names import TEST
from rft.planning import forecast
from rft.runs.record import RunRecord

_WHEN_EVALUATED = frozenset({forecast.EVALUATION_BASE, forecast.EVALUATION_CANDIDATE})


def spent_usd(record: RunRecord) -> float:
    """Known USD of a run: what it asked before training, and once it launched a job, the rest of the forecast too.

    Training costs what the reward function saw of it, or the job's hours; a completed job that nothing was seen of
    costs what was expected.
    """
    estimate = record.estimate
    if estimate is None:
        return 0.0
    expected = {line.what: line.usd or 0.0 for line in estimate.lines}
    if record.job is None:
        return sum(usd for what, usd in expected.items() if what in forecast.BEFORE_TRAINING)
    training = sum(usd for what, usd in expected.items() if what in forecast.OF_TRAINING)
    seen = job_watch.history(record, until=_ended(record)).spent_usd
    if seen or record.job.status != "Completed":
        training = seen or 0.0
    left_out = forecast.OF_TRAINING | (frozenset() if TEST in record.evaluations else _WHEN_EVALUATED)
    return training + sum(usd for what, usd in expected.items() if what not in left_out)


def _ended(record: RunRecord) -> datetime:
    ended = record.job.ended_at if record.job else None
    return datetime.fromisoformat(ended) if ended else datetime.now(UTC)
