"""The page on the stop policy: its detectors from their docstrings, and its figures."""

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Final

from rft.benchmarks.policy_bench import ALL_HARM, GOALS, Row, Verdict, broken_down, rows
from rft.benchmarks.trace_faults import HARMFUL, WARN_ONLY
from rft.benchmarks.trace_shapes import NEW_NOISES, NEW_SHAPES, TUNING_NOISES, TUNING_SHAPES
from rft.benchmarks.traces import HEALTHY, PUBLISHED, TUNING
from rft.engines.capabilities import CAPABILITIES
from rft.monitoring.policy.detectors import DETECTORS
from rft.probing.intervals import share
from rft.runs.probe_part import Interval
from rft.settings import Watch

POLICY: Final = f"policy, {next(iter(CAPABILITIES))}"
_PARTS: Final = ("Statistic", "Threshold", "Minimum evidence", "Source")
HEADING: Final = (
    "way",
    "traces of",
    "number",
    "false stops",
    "found",
    "delay, steps",
    "delay, run",
    "cost saved",
)


def page(by_name: Mapping[str, Sequence[Verdict]], traces: int, seed: int) -> str:
    """The page in Markdown."""
    found = rows(by_name)
    return "\n".join(
        [_INTRODUCTION, *_detectors(), "", *_method(traces, seed), *_results(by_name, found), ""]
    )


def _detectors() -> list[str]:
    enforced = Watch().enforced
    lines = [
        "| detector | finds | statistic | threshold | minimum evidence | source | mode |",
        "|" + "---|" * 7,
    ]
    for name, detector in DETECTORS.items():
        text = " ".join(inspect.cleandoc(detector.__doc__ or "").split())
        finds = text.partition("Statistic:")[0].partition("; statistic")[0].strip().rstrip(".")
        parts = [_part(text, part) for part in _PARTS]
        mode = "enforced" if name in enforced else "advised"
        lines.append("| " + " | ".join([f"`{name}`", finds, *parts, mode]) + " |")
    return lines


def _part(text: str, name: str) -> str:
    found = re.search(rf"{name}: (.*?)(?=(?:{'|'.join(_PARTS)}): |$)", text)
    return found[1].strip().rstrip(".") if found else "as above"


def _method(traces: int, seed: int) -> list[str]:
    new_noises, old_noises = (", ".join(noise.name for noise in each) for each in (NEW_NOISES, TUNING_NOISES))
    return [
        "## Measured",
        "",
        f"Written by `rft watch bench --traces {traces} --seed {seed} --write docs/STOP_POLICY.md`. The traces are made "
        "up, by `rft/benchmarks/traces.py`, with the truth known: they show how the rules behave on the faults that we "
        "could think of, not how often real jobs go wrong. Half are healthy, the others have one fault each from a "
        "known step on. Each has some of the fields, as the engines' sources do, and some lose values at random. A "
        "fault is only put where a field of the trace can show it.",
        "",
        f"Thresholds were tuned on the set `{TUNING.name}` (seeds 1 to 3, {TUNING.shortest} to {TUNING.longest} steps; "
        f"shapes: {', '.join(TUNING_SHAPES)}; noises: {old_noises}). The set `{PUBLISHED.name}` below shares no seed "
        f"with it, has runs of {PUBLISHED.shortest} to {PUBLISHED.longest} steps, and adds what tuning never saw: "
        f"shapes {', '.join(NEW_SHAPES)}; noises {new_noises}. An early version was tried once on another seed, which "
        "moved the shape already-good and the noises high and correlated into the tuning set; late-bloomer, staircase "
        "and heavy tails were seen then too, and nothing was tuned on them.",
        "",
        "*False stop*: an abort of a healthy trace, before the fault, or of a fault that only deserves a warning. "
        "*Found*: an abort at or after the fault's first step; of "
        f"{' and '.join(WARN_ONLY)} any warning. *Delay*: median from the fault's first step to that, in steps and as "
        "share of the run. *Cost saved*: mean share of the whole job's cost, over all traces of the kind. Brackets are "
        "95 % intervals (Wilson).",
        "",
    ]


def summary_rows(found: Sequence[Row]) -> list[tuple[str, ...]]:
    """Heading and rows of the table; of the baselines only what is healthy and all harm."""
    shown = [row for row in found if row.name.startswith("policy") or row.kind in {HEALTHY, ALL_HARM}]
    return [HEADING, *map(_cells, shown)]


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.kind,
        f"{row.traces:,}",
        _percent(row.false_stops),
        "" if row.found is None else _percent(row.found),
        "" if row.delay_steps is None else f"{row.delay_steps:g}",
        "" if row.delay_share is None else f"{row.delay_share:.1%}",
        "" if row.saved is None else f"{row.saved:.0%}",
    )


def _percent(interval: Interval) -> str:
    return f"{interval.value:.1%} [{interval.low:.1%}, {interval.high:.1%}]"


def _markdown(table: Sequence[Sequence[str]]) -> list[str]:
    heading, *body = table
    rule = "|" + "".join("---|" if number < 2 else "---:|" for number in range(len(heading)))
    return [f"| {' | '.join(heading)} |", rule, *(f"| {' | '.join(cells)} |" for cells in body)]


def _results(by_name: Mapping[str, Sequence[Verdict]], found: Sequence[Row]) -> list[str]:
    policy = by_name[POLICY]
    lines = [*_markdown(summary_rows(found)), "", *_goals(found), "", "## Where it falls short", ""]
    for by in ("shape", "noise", "profile"):
        table = [(by, "healthy", "false stops", "harmful", "found", "delay, run")]
        for name, healthy, harmful in broken_down(policy, by):
            assert harmful.found is not None
            late = "" if harmful.delay_share is None else f"{harmful.delay_share:.1%}"
            counts = str(healthy.traces), _percent(healthy.false_stops), str(harmful.traces)
            table.append((name, *counts, _percent(harmful.found), late))
        lines += [*_markdown(table), ""]
    short = [each for each in policy if each.kind in HARMFUL and each.total < TUNING.shortest]
    warned = [each for each in policy if each.kind == HEALTHY]
    return [
        *lines,
        f"- Of {len(short)} harmful runs of fewer than {TUNING.shortest} steps, "
        f"{_percent(share(sum(each.found_at is not None for each in short), len(short)))} are found.",
        f"- {_percent(share(sum(each.warned is not None for each in warned), len(warned)))} of the healthy traces get "
        "at least one warning, mostly that validation reached a plateau, which is true of them.",
        *_SHORT,
    ]


def _goals(found: Sequence[Row]) -> list[str]:
    healthy = next(row for row in found if row.name == POLICY and row.kind == HEALTHY)
    harm = next(row for row in found if row.name == POLICY and row.kind == ALL_HARM)
    reached = {
        f"false stops at most {GOALS['false_stops']:.0%}": healthy.false_stops.value <= GOALS["false_stops"],
        f"harm found at least {GOALS['found']:.0%}": (harm.found or share(0, 1)).value >= GOALS["found"],
        f"median delay at most {GOALS['delay_share']:.0%} of the run": (harm.delay_share or 0)
        <= GOALS["delay_share"],
    }
    return [
        "Goals: "
        + "; ".join(f"{name}: {'reached' if ok else '**missed**'}" for name, ok in reached.items())
        + "."
    ]


_SHORT: Final = (
    "- A fault that begins before anything was learned shows no fall: a reward that never rose cannot collapse.",
    "- Harm that one quantity alone shows is a warning, however strong, so that one faulty metric stops no job.",
    "- With a single point of totals, which is what the workflow knows of a `nova` job without a point list, only "
    "broken reward, budget and deadline can fire.",
    "- A policy whose training reward is above 0.85 when its entropy collapses is warned about and not stopped.",
    "- No real trace is among these: whoever has some should replay them, `rft watch replay FOLDER`.",
)

_INTRODUCTION: Final = """# When a running job is stopped

Written by `rft watch bench --write`; change `rft/benchmarks/policy_page.py`, not this page.

`rft/monitoring/policy/` decides after every step what to do with a running job: `continue`, `warn`, `take_checkpoint` or
`abort`. It is a pure function of the points of the trace (`rft/monitoring/trace.py`), of what the engine can do
(`rft/engines/capabilities.py`) and of limits. The workflow and the command line use the same function:

```
rft watch replay run.jsonl --engine nova      # the first abort, or the gravest decision, with its reasons
rft watch replay traces/ --engine mantle --json
```

## How it decides

- A broken reward, the budget and the deadline abort alone.
- Harm aborts when two findings agree that look at different quantities: a falling validation reward and a growing gradient,
  say. One finding alone is `warn`.
- An engine with checkpoints gets `take_checkpoint` in the place of `warn` for harm and for a plateau; the step with the best
  validation reward is named. A plateau never aborts: what looks flat may bloom late, and stopping a job of the `nova`
  engine leaves no model.
- A field that is missing or null makes every detector that needs it abstain. Less data can hide harm, never invent it.
- Falls and rises are measured against the best level so far, in units of the trace's own noise, which comes from
  differences of values (medians, so outliers do not matter) and is enlarged for few values and for correlated ones.

Deciding is not doing. `watch.modes` in `use_case.yaml` says per detector whether an abort is `enforced` or `advised`; advice
is a notification with the command that stops the job. An abort for harm is enforced when two agreeing findings are.

```yaml
watch:
  modes: {reward_hacking: enforced, train_validation_gap: enforced}   # what is left out keeps its default
  max_reward_error_share: 0.2
  max_hours: 48                                                       # the deadline; none by default
```

## Detectors
"""
