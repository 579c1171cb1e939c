"""The page on the stop policy: its detectors from their docstrings, and its figures."""

import inspect
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rft.benchmarks.policy_bench import (
    ALL_HARM,
    GOALS,
    POLICY,
    SOURCES,
    WITHOUT_DIVERSITY,
    Row,
    Verdict,
    broken_down,
    rows,
)
from rft.benchmarks.trace_faults import HARMFUL, WARN_ONLY
from rft.benchmarks.trace_shapes import NEW_NOISES, NEW_SHAPES, PROFILES, TUNING_NOISES, TUNING_SHAPES
from rft.benchmarks.traces import COLLAPSE, HEALTHY, PUBLISHED, SHORT_ANSWERS, TUNING
from rft.monitoring.policy.detectors import DETECTORS
from rft.pages import page_environment
from rft.probing.intervals import share
from rft.runs.probe_part import Interval
from rft.watch_settings import Watch

TEMPLATE: Final = "stop_policy.md.j2"
PARTS: Final = ("Statistic", "Threshold", "Minimum evidence", "Source")
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
    found, policy = rows(by_name), by_name[POLICY]
    short = [each for each in policy if each.kind in HARMFUL and each.total < TUNING.shortest]
    healthy = [each for each in policy if each.kind == HEALTHY]
    values: dict[str, Any] = {
        "traces": traces,
        "seed": seed,
        "tuning": TUNING,
        "published": PUBLISHED,
        "tuning_shapes": ", ".join(TUNING_SHAPES),
        "new_shapes": ", ".join(NEW_SHAPES),
        "tuning_noises": ", ".join(noise.name for noise in TUNING_NOISES),
        "new_noises": ", ".join(noise.name for noise in NEW_NOISES),
        "warn_only": " and ".join(WARN_ONLY),
        "detectors": detectors(),
        "sources": ", ".join(SOURCES.values()),
        "profiles": _profiles(),
        "short_answers": f"{100 * SHORT_ANSWERS:.0f} %",
        "results": markdown(summary_rows(found)),
        "goals": "\n".join(f"- {name}: {_goals(found, name)}" for name in (POLICY, *SOURCES.values())),
        "breakdowns": "\n\n".join(_breakdown(policy, by) for by in ("shape", "noise", "profile")),
        "short": {
            "total": len(short),
            "found": percent(share(sum(each.found_at is not None for each in short), len(short))),
        },
        "warned": percent(share(sum(each.warned is not None for each in healthy), len(healthy))),
    }
    text = page_environment(Path(__file__).parent).get_template(TEMPLATE).render(values)
    return text.rstrip() + "\n"


def detectors() -> str:
    """A row a detector, from its docstring."""
    enforced = Watch().enforced
    table = [("detector", "finds", "statistic", "threshold", "minimum evidence", "source", "mode")]
    for name, detector in DETECTORS.items():
        text = " ".join(inspect.cleandoc(detector.__doc__ or "").split())
        statistic, threshold, evidence, source = (part_of(text, part) for part in PARTS)
        table.append(
            (
                f"`{name}`",
                re.split(r" Statistic:", text)[0].rstrip("."),
                statistic,
                threshold,
                evidence,
                source,
                "enforced" if name in enforced else "advised",
            )
        )
    return markdown(table, left=len(table[0]))


def part_of(text: str, name: str) -> str:
    """The sentence of a docstring that begins with a part's name."""
    found = re.search(rf"{name}: (.*?)(?=(?:{'|'.join(PARTS)}): |$)", text)
    return found[1].strip().rstrip(".") if found else ""


def summary_rows(found: Sequence[Row]) -> list[tuple[str, ...]]:
    """Heading and rows of the table; of other ways than the policy only what they are compared by."""
    policy, compared = {POLICY, *SOURCES.values()}, {HEALTHY, ALL_HARM}
    shown = [
        row
        for row in found
        if row.name in policy
        or row.kind in compared
        or (row.name == WITHOUT_DIVERSITY and row.kind == COLLAPSE)
    ]
    return [HEADING, *map(_cells, shown)]


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        row.kind,
        f"{row.traces:,}",
        percent(row.false_stops),
        "" if row.found is None else percent(row.found),
        "" if row.delay_steps is None else f"{row.delay_steps:g}",
        "" if row.delay_share is None else f"{100 * row.delay_share:.1f} %",
        "" if row.saved is None else f"{100 * row.saved:.0f} %",
    )


def percent(interval: Interval) -> str:
    """A share with its interval."""
    return f"{100 * interval.value:.1f} [{100 * interval.low:.1f}, {100 * interval.high:.1f}] %"


def markdown(table: Sequence[Sequence[str]], left: int = 2) -> str:
    """A table, its first columns to the left."""
    heading, *body = table
    rule = "|" + "".join("---|" if number < left else "---:|" for number in range(len(heading)))
    return "\n".join([f"| {' | '.join(heading)} |", rule, *(f"| {' | '.join(cells)} |" for cells in body)])


def _breakdown(policy: Sequence[Verdict], by: str) -> str:
    table = [(by, "healthy", "false stops", "harmful", "found", "delay, run")]
    for name, healthy, harmful in broken_down(policy, by):
        assert harmful.found is not None
        late = "" if harmful.delay_share is None else f"{100 * harmful.delay_share:.1f} %"
        counts = str(healthy.traces), percent(healthy.false_stops), str(harmful.traces)
        table.append((name, *counts, percent(harmful.found), late))
    return markdown(table, left=1)


def _profiles() -> str:
    """Which fields the traces of each profile have."""
    every = {None: "no", 1: "every step"}
    everywhere = frozenset.intersection(*(profile.fields for profile in PROFILES))
    table = [("fields", "as of", "validation reward", "others")]
    for profile in PROFILES:
        others = ", ".join(f"`{name}`" for name in sorted(profile.fields - everywhere))
        known = every.get(profile.every, f"every {profile.every} steps")
        table.append((profile.name, profile.source, known, others or "none"))
    return (
        markdown(table, left=4)
        + "\n\nAll have "
        + ", ".join(f"`{name}`" for name in sorted(everywhere))
        + "."
    )


def _goals(found: Sequence[Row], name: str) -> str:
    healthy = next(row for row in found if row.name == name and row.kind == HEALTHY)
    harm = next(row for row in found if row.name == name and row.kind == ALL_HARM)
    reached = {
        f"false stops at most {100 * GOALS['false_stops']:.0f} %": healthy.false_stops.value
        <= GOALS["false_stops"],
        f"harm found at least {100 * GOALS['found']:.0f} %": (harm.found or share(0, 1)).value
        >= GOALS["found"],
        f"median delay at most {100 * GOALS['delay_share']:.0f} % of the run": harm.delay_share is not None
        and harm.delay_share <= GOALS["delay_share"],
    }
    return "; ".join(f"{goal}: {'reached' if ok else '**missed**'}" for goal, ok in reached.items())
