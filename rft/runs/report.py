"""The report of a run: one self-contained HTML page, made of the run record, the points of its job and some answers.

Texts of prompts and answers are on this page and nowhere else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from rft.errors import TrainingStopped
from rft.evaluation.batch import BASE, CANDIDATE
from rft.monitoring.trace import Point
from rft.names import PROBE, SIMULATED_ENVIRONMENT
from rft.pages import page_environment
from rft.runs.answers import Shown
from rft.runs.approval import sentence
from rft.runs.cost_scale import cost_scale
from rft.runs.curves import charts
from rft.runs.record import Evaluation, RunRecord, Status

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One dimension of base against candidate; `better` is +1 where more is better, -1 where less, else 0."""

    label: str
    base: float
    candidate: float
    is_share: bool
    better: int

    @property
    def difference(self) -> float:
        return self.candidate - self.base

    @property
    def verdict(self) -> str:
        """`good`, `bad` or `even`, for the colour of the difference."""
        gain = self.difference * self.better
        return "even" if abs(gain) < 0.0005 else ("good" if gain > 0 else "bad")


@dataclass(frozen=True, slots=True)
class Step:
    """A state on the timeline: when it began after the run's start, and how long it took, in seconds."""

    state: str
    begin: float
    seconds: float


def render_report(record: RunRecord, *, points: Sequence[Point] = (), answers: Sequence[Shown] = ()) -> str:
    """The page as HTML text.

    Args:
        points: of the job, by step.
        answers: held-out prompts with the answers of both models.
    """
    test = record.evaluations.get("test")
    steps = timeline(record)
    return (
        page_environment(TEMPLATES)
        .get_template("report.html.j2")
        .render(
            record=record,
            settings=record.settings.use_case,
            simulated=record.environment == SIMULATED_ENVIRONMENT,
            sentence=verdict_sentence(record),
            test=test,
            overall=_overall(test),
            components=_breakdown(test.mean_by_component if test else {}),
            slices=_breakdown(test.mean_by_slice if test else {}),
            charts=charts(record, points),
            inferred=any(point.inferred for point in points),
            answers=answers,
            cost=cost_scale(record),
            steps=steps,
            approvals=[sentence(asked) for asked in record.questions],
            total_seconds=max((step.begin + step.seconds for step in steps), default=0.0),
            counts=[(split, part.records) for split, part in record.prepared.items() if split != PROBE],
        )
    )


def verdict_sentence(record: RunRecord) -> str:
    """What became of the run and why, in one sentence."""
    gate, test = record.gate, record.evaluations.get("test")
    means = test.mean_by_target if test else {}
    compared = ""
    if gate and {BASE, CANDIDATE} <= set(means):
        compared = (
            f"scored {means[CANDIDATE]:.3f} against {means[BASE]:.3f} of the base model "
            f"on {gate.prompts:,} held-out prompts"
        )
    if record.status is Status.FAILED and record.failure:
        advice = record.advice
        if advice is not None and advice.enforced and record.failure.error == TrainingStopped.__name__:
            found = ", ".join(reason.detector.replace("_", " ") for reason in advice.reasons)
            return f"The stop policy stopped the training after step {advice.step}: {found}."
        return (
            f"The run stopped in {record.failure.state} with {record.failure.error}: {record.failure.cause}"
        )
    if record.status is Status.HELD and gate:
        return f"The candidate {compared or 'was compared'} and was not promoted: {'; '.join(gate.reasons)}."
    if record.status is Status.SUCCEEDED and record.stable and record.stable.superseded:
        return f"The candidate {compared or 'passed the gate'} and was promoted; another run was, right after it."
    if record.status is Status.SUCCEEDED:
        return f"The candidate {compared or 'passed the gate'} and now serves behind the stable deployment."
    return f"The run is in {record.state}."


def timeline(record: RunRecord) -> list[Step]:
    """The states in order; each lasts until the next begins, the last until the record's last change."""
    moments = [(moment.state, _time(moment.at)) for moment in record.timeline]
    if not moments:
        return []
    start = moments[0][1]
    ends = [at for _, at in moments[1:]] + [max(_time(record.updated_at), moments[-1][1])]
    return [
        Step(state, (at - start).total_seconds(), (end - at).total_seconds())
        for (state, at), end in zip(moments, ends, strict=True)
    ]


def _overall(test: Evaluation | None) -> list[Comparison]:
    if test is None:
        return []
    rows = (
        ("Mean reward", test.mean_by_target, True, 1),
        ("Answers that earn nothing", test.zero_share_by_target, True, -1),
        ("Characters per answer", test.characters_by_target, False, 0),
    )
    return [
        Comparison(label, values[BASE], values[CANDIDATE], share, better)
        for label, values, share, better in rows
        if {BASE, CANDIDATE} <= set(values)
    ]


def _breakdown(by_name: Mapping[str, Mapping[str, float]]) -> list[Comparison]:
    """Rows by slice or component; the mapping may be by name and target, or by target and name."""
    if set(by_name) <= {BASE, CANDIDATE} and by_name:
        names = sorted({name for values in by_name.values() for name in values})
        by_name = {
            name: {target: values[name] for target, values in by_name.items() if name in values}
            for name in names
        }
    return [
        Comparison(name, values[BASE], values[CANDIDATE], True, 1)
        for name, values in sorted(by_name.items())
        if {BASE, CANDIDATE} <= set(values)
    ]


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
