"""What a person sees of a run: a checklist with times, the reward curves, the gate's verdict. 80 columns suffice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from rft.cli.phases import PhaseStatus, PhaseView
from rft.monitoring.curve import Point
from rft.runs.record import RunRecord

BARS: Final = "▁▂▃▄▅▆▇█"
CURVE_COLUMNS: Final = 36
SIMULATED: Final = "SIMULATED MODEL: no AWS account, no real model, no cost"
_SPINNER: Final = Spinner("dots", style="cyan")  # one for all, or each redraw would restart it
_MARKS: Final[Mapping[PhaseStatus, tuple[str, str]]] = {
    "waiting": ("·", "dim"),
    "done": ("✔", "green"),
    "failed": ("✘", "bold red"),
    "skipped": ("–", "dim"),
}
_VERDICT_STYLES: Final = {
    "SUCCEEDED": "bold green",
    "HELD": "bold yellow",
    "FAILED": "bold red",
    "RUNNING": "cyan",
}


@dataclass(slots=True)
class Snapshot:
    """All that is shown at one moment; rewards lie in [0, 1], times are in seconds."""

    title: str
    phases: Sequence[PhaseView] = ()
    seconds: float = 0.0
    expected: Mapping[str, float] = field(default_factory=dict)  # seconds by phase title, of an earlier run
    training: Sequence[float] = ()
    validation: Sequence[float] = ()
    points: Mapping[str, Sequence[Point]] = field(default_factory=dict)  # the curves as the report takes them
    record: RunRecord | None = None
    simulated: bool = False


def duration(seconds: float) -> str:
    """A time in few characters: `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def sparkline(values: Sequence[float], columns: int = CURVE_COLUMNS) -> str:
    """Rewards in [0, 1] as bars, averaged down to at most `columns` characters."""
    if len(values) > columns:
        edges = [round(index * len(values) / columns) for index in range(columns + 1)]
        values = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    top = len(BARS) - 1
    return "".join(BARS[round(min(1.0, max(0.0, value)) * top)] for value in values)


def render(snapshot: Snapshot) -> RenderableType:
    """The whole picture of a snapshot."""
    parts: list[RenderableType] = [_heading(snapshot), _checklist(snapshot)]
    curves = _curves(snapshot)
    if curves:
        parts += [Text(), *curves]
    verdict = _verdict(snapshot.record)
    if verdict:
        parts += [Text(), *verdict]
    return Group(*parts)


def _heading(snapshot: Snapshot) -> RenderableType:
    title = Text(snapshot.title, style="bold")
    rule = Rule(title, align="left", style="dim")
    if not snapshot.simulated:
        return rule
    return Group(rule, Text(f" {SIMULATED} ", style="black on yellow"))


def _checklist(snapshot: Snapshot) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=2, justify="right")
    table.add_column(min_width=27)
    table.add_column(justify="right", min_width=9)
    table.add_column(style="dim", overflow="ellipsis", no_wrap=True, max_width=36)
    for phase in snapshot.phases:
        mark: RenderableType = _SPINNER if phase.status == "running" else _mark(phase.status)
        style = {"running": "bold", "failed": "red", "waiting": "dim", "skipped": "dim"}.get(phase.status, "")
        spent = duration(phase.seconds) if phase.status in ("running", "done", "failed") else ""
        table.add_row(mark, Text(phase.title, style=style), spent, _remark(phase, snapshot))
    expected = sum(snapshot.expected.values())
    table.add_row(
        "",
        Text("Total", style="bold"),
        duration(snapshot.seconds),
        f"of about {duration(expected)}" if expected else "",
    )
    return table


def _mark(status: PhaseStatus) -> Text:
    character, style = _MARKS[status]
    return Text(character, style=style)


def _remark(phase: PhaseView, snapshot: Snapshot) -> str:
    if phase.status == "skipped":
        return "not needed" if snapshot.record is None or snapshot.record.failure is None else "not reached"
    parts = []
    expected = snapshot.expected.get(phase.title)
    if expected is not None and phase.status in ("waiting", "running"):
        parts.append(f"about {duration(expected)}")
    if phase.state:
        parts.append(phase.state)
    if phase.retries:
        parts.append(f"{phase.retries} {'retry' if phase.retries == 1 else 'retries'}")
    if phase.status == "done":
        parts += [fact for fact in [fact_of(phase.title, snapshot.record)] if fact]
    return " · ".join(parts)


def fact_of(title: str, record: RunRecord | None) -> str:
    """The one thing worth knowing of a phase that is done; empty when there is none."""
    if record is None:
        return ""
    if title == "Validate the dataset" and record.prepared:
        return " · ".join(
            f"{file.records:,} {split}" for split, file in record.prepared.items() if split != "probe"
        )
    if title == "Audit the reward" and record.audit:
        worst = record.audit.worst_probe_mean
        return f"{record.audit.checked} known, mean {record.audit.mean:.2f}; hacks ≤ {worst:.2f}"
    if title == "Probe the base model" and record.probe:
        useful = f"{100 * record.probe.useful.value:.0f} % useful"
        return (
            f"{record.probe.verdict}: mean {record.probe.mean_reward:.2f}, {useful} of {record.probe.prompts}"
        )
    if title == "Estimate the cost" and record.estimate:
        sign = "≥" if record.estimate.unknown else "about"
        return f"{sign} ${record.estimate.total_usd:,.2f} of ${record.estimate.budget_usd:,.2f}"
    if title == "Decide at the gate" and record.gate:
        return record.gate.decision
    if title == "Observe" and record.smoke_reward is not None:
        return f"mean reward {record.smoke_reward:.2f}"
    return ""


def _curves(snapshot: Snapshot) -> list[RenderableType]:
    rows = []
    for label, values, style in (
        ("Training reward", snapshot.training, "cyan"),
        ("Validation reward", snapshot.validation, "magenta"),
    ):
        if values:
            head = sum(values[:3]) / len(values[:3])
            tail = sum(values[-3:]) / len(values[-3:])
            told = f"{head:.2f} → {tail:.2f}" if len(values) > 1 else f"{tail:.2f}"
            rows.append(Text.assemble(f"   {label:<18}", (sparkline(values), style), f"  {told}"))
    return list(rows)


def _verdict(record: RunRecord | None) -> list[RenderableType]:
    if record is None:
        return []
    lines: list[RenderableType] = []
    test = record.evaluations.get("test")
    if test and "candidate" in test.mean_by_target:
        base, candidate = test.mean_by_target.get("base", 0.0), test.mean_by_target["candidate"]
        bound = f" (at {record.gate.confidence:.0%} ≥ {record.gate.lower:+.3f})" if record.gate else ""
        told = f"base {base:.3f} → candidate {candidate:.3f}   {candidate - base:+.3f}{bound}"
        lines.append(Text(f"   {'Held-out reward':<18}{told}"))
    if record.status != "RUNNING":
        told = f"{record.status}: {outcome_sentence(record)}"
        lines.append(Padding(Text(told, style=_VERDICT_STYLES[record.status]), (0, 0, 0, 3)))
    return lines


def outcome_sentence(record: RunRecord) -> str:
    """What became of a run, in one sentence."""
    if record.failure:
        return f"{record.failure.state} ended with {record.failure.error}: {record.failure.cause}"
    if record.status == "HELD" and record.gate:
        return "the candidate was not promoted: " + "; ".join(record.gate.reasons)
    if record.status == "SUCCEEDED":
        return "the candidate is better than the base model and serves behind the stable deployment."
    return f"the run is in {record.state}."


class PlainProgress:
    """The same for a log file: a line whenever a phase begins or ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._told: dict[str, PhaseStatus] = {}

    def show(self, snapshot: Snapshot) -> None:
        """Print what changed since the last call."""
        if not self._told:
            banner = f" [{SIMULATED}]" if snapshot.simulated else ""
            self._console.print(f"{snapshot.title}{banner}", soft_wrap=True)
            self._told[""] = "done"
        for phase in snapshot.phases:
            if self._told.get(phase.title) == phase.status or phase.status in ("waiting", "skipped"):
                continue
            self._told[phase.title] = phase.status
            remark = _remark(phase, snapshot)
            spent = f" {duration(phase.seconds)}" if phase.status != "running" else ""
            line = f"{phase.status:<8}{phase.title}{spent}{' · ' + remark if remark else ''}"
            self._console.print(line, soft_wrap=True)

    def close(self, snapshot: Snapshot) -> None:
        """Print the last changes, the curves and the verdict."""
        self.show(snapshot)
        for line in (*_curves(snapshot), *_verdict(snapshot.record)):
            self._console.print(line)
