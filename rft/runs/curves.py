"""The charts of a run: which curves there are, how to read them, and the decisions that were taken on them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rft.monitoring.trace import Point
from rft.runs.chart import SMALL, WIDE, Chart, Mark, Series, line_chart
from rft.runs.record import RunRecord

SHARE: Final = (0.0, 1.0)
REFERENCE_STYLE: Final = 6  # of a level to compare with
MAX_PARTS: Final = 6  # lines that can be told apart
Read = Callable[[Point], float | None]


@dataclass(frozen=True, slots=True)
class Curve:
    """One chart; `hint` says what is healthy and what is not."""

    title: str
    unit: str
    lines: tuple[tuple[str, Read], ...]
    y_range: tuple[float, float] | None
    hint: str


REWARD: Final = Curve(
    "Reward",
    "mean reward of an answer",
    (("training", lambda point: point.train_reward), ("validation", lambda point: point.validation_reward)),
    SHARE,
    "Healthy: training rises, validation follows it to a plateau. Look twice when validation falls while training "
    "rises: the reward may be hacked.",
)
OTHERS: Final = (
    Curve(
        "Prompts without signal",
        "share of prompts",
        (("all answers earn the same", lambda point: point.zero_signal_share),),
        SHARE,
        "Nothing is learned from these prompts. Near 1: too easy, too hard, or a reward without partial credit.",
    ),
    Curve(
        "Diversity of answers",
        "distinct answers, share",
        (("training", lambda point: point.answer_diversity),),
        SHARE,
        "Falls slowly; low from the start where answers are short. Near 0 every answer to a prompt is the same.",
    ),
    Curve(
        "Episode length",
        "tokens an answer",
        (("training", lambda point: point.episode_length),),
        None,
        "Drifts. A sudden spike is a loop; growth with the training reward but not with validation is verbosity.",
    ),
    Curve(
        "Policy entropy",
        "nats",
        (("policy", lambda point: point.policy_entropy),),
        None,
        "Falls gently to a plateau. Near 0 the policy has collapsed; flat and high, it ignores the reward.",
    ),
    Curve(
        "Gradient norm",
        "norm, no unit",
        (("gradient", lambda point: point.grad_norm),),
        None,
        "A band with rare spikes. Sustained growth is instability: a lower learning rate.",
    ),
    Curve(
        "Answers below the base model’s mean",
        "share of answers",
        (("training", lambda point: point.low_reward_share),),
        SHARE,
        "Falls. Rising, the policy drifts away from what the base model could do.",
    ),
    Curve(
        "Errors of the reward",
        "share of answers",
        (("without a score", lambda point: point.reward_error_rate),),
        SHARE,
        "Zero. Anything else is noise in the training.",
    ),
)


def charts(record: RunRecord, points: Sequence[Point]) -> list[Chart]:
    """The charts that have data, the reward first; errors of the reward only where there are any."""
    marks = decisions(record, points)
    made = [_chart(curve, points, marks, record) for curve in (REWARD, *OTHERS)]
    if not any(point.reward_error_rate for point in points):
        made[-1] = None
    parts = _parts(points, marks)
    return [chart for chart in (made[0], parts, *made[1:]) if chart is not None]


def decisions(record: RunRecord, points: Sequence[Point]) -> list[Mark]:
    """What the stop policy decided, at the step of that time."""
    advice, job = record.advice, record.job
    if advice is None or job is None or not points:
        return []
    after = (datetime.fromisoformat(advice.at) - datetime.fromisoformat(job.launched_at)).total_seconds()
    reached = [point.step for point in points if point.seconds is not None and point.seconds <= after]
    label = f"{advice.action}: {advice.reason.replace('_', ' ')}"
    return [Mark(max(reached, default=points[0].step), label, stops=advice.enforced)]


def _chart(curve: Curve, points: Sequence[Point], marks: list[Mark], record: RunRecord) -> Chart | None:
    series = []
    for style, (name, read) in enumerate(curve.lines):
        found = [(float(point.step), value) for point in points if (value := read(point)) is not None]
        if found:
            series.append(Series(name, found, style))
    if not series:
        return None
    if curve is REWARD and record.probe is not None:
        last = max(x for one in series for x, _ in one.points)
        level = record.probe.mean_reward
        series.append(Series("base model in the probe", [(0.0, level), (last, level)], REFERENCE_STYLE))
    return line_chart(
        curve.title,
        series,
        unit=curve.unit,
        y_range=curve.y_range,
        marks=marks,
        hint=curve.hint,
        size=WIDE if curve is REWARD else SMALL,
    )


def _parts(points: Sequence[Point], marks: list[Mark]) -> Chart | None:
    names = sorted({name for point in points for name in point.components})[:MAX_PARTS]
    series = [
        Series(
            name,
            [(float(point.step), point.components[name]) for point in points if name in point.components],
            style,
        )
        for style, name in enumerate(names)
    ]
    if not series:
        return None
    return line_chart(
        "Components of the reward",
        series,
        unit="mean of each component",
        y_range=SHARE,
        marks=marks,
        size=SMALL,
        hint="All rise. One that stays low for ever is hidden by the mean of the others.",
    )
