"""`rft watch`: the stop policy on recorded traces, and how good it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich import box
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from rft.cli import console
from rft.engines.capabilities import CAPABILITIES
from rft.errors import BadTrace
from rft.monitoring.policy import Decision, Limits, replay
from rft.monitoring.trace import Point, read_trace

SUFFIX: Final = ".jsonl"
STYLES: Final = {"continue": "green", "warn": "yellow", "take_checkpoint": "cyan", "abort": "bold red"}

watch = typer.Typer(help="The stop policy of a running job: replay traces, measure it.", no_args_is_help=True)


def replay_command(
    trace: Annotated[
        Path, typer.Argument(help="A trace (JSON Lines, a step a line), or a folder of traces.")
    ],
    engine: Annotated[
        str, typer.Option("--engine", help=f"Engine that trained: {' or '.join(CAPABILITIES)}.")
    ] = "nova",
    budget: Annotated[
        float | None, typer.Option("--budget", min=0, help="USD that the job may cost; none by default.")
    ] = None,
    max_hours: Annotated[
        float | None, typer.Option("--max-hours", min=0, help="Hours that the job may take; none by default.")
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Apply the stop policy after every step, as the workflow does; tell the first abort, or the gravest decision."""
    if engine not in CAPABILITIES:
        raise console.UsageProblem(f"--engine {engine}: unknown; choose {' or '.join(CAPABILITIES)}")
    limits = Limits(budget_usd=budget, deadline_seconds=None if max_hours is None else max_hours * 3600)
    known = {path.name: read_file(path) for path in files_of(trace)}
    found = {name: replay(points, CAPABILITIES[engine], limits) for name, points in known.items()}
    if as_json:
        documents = {name: decision.document() for name, decision in found.items()}
        console.print_json(documents if trace.is_dir() else next(iter(documents.values())))
    else:
        _show(found)


def files_of(trace: Path) -> list[Path]:
    """The trace, or the traces of a folder by name.

    Raises:
        UsageProblem: when there is none.
    """
    if not trace.is_dir():
        return [trace]
    files = sorted(path for path in trace.iterdir() if path.suffix == SUFFIX and path.is_file())
    if not files:
        raise console.UsageProblem(f"{trace}: no *{SUFFIX} in this folder")
    return files


def read_file(path: Path) -> list[Point]:
    """The points of a file.

    Raises:
        UsageProblem: when it is no trace; the message names file, line and field.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            points = read_trace(lines, str(path))
    except BadTrace as error:
        raise console.UsageProblem(str(error)) from None
    except UnicodeDecodeError as error:
        raise console.UsageProblem(f"{path}: no UTF-8 text at byte {error.start}") from None
    if not points:
        raise console.UsageProblem(f"{path}:1: step: the file has no line; want one JSON object a step")
    return points


def _show(found: dict[str, Decision]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    table.add_column("trace", overflow="fold")
    table.add_column("decision", no_wrap=True)
    table.add_column("step", justify="right")
    table.add_column("why", overflow="fold")
    for name, decision in found.items():
        why = [f"{reason.detector}: {reason.words}" for reason in decision.reasons]
        if decision.checkpoint_step is not None:
            why.append(f"best validation reward: step {decision.checkpoint_step}")
        table.add_row(
            Text(name),
            Text(decision.action, style=STYLES[decision.action]),
            "" if decision.step is None else str(decision.step),
            Text("\n".join(why)),
        )
    console.stdout.print(table)


def bench_command(
    traces: Annotated[int, typer.Option("--traces", min=20, help="How many made-up traces.")] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="Seed of the published traces.")] = 300,
    write: Annotated[Path | None, typer.Option("--write", help="Write the page docs/STOP_POLICY.md.")] = None,
    as_json: console.AsJson = False,
) -> None:
    """Measure false stops, what is found, how late and what it saves, beside simple rules; takes some minutes."""
    from rft.benchmarks.policy_bench import document, rows, run
    from rft.benchmarks.policy_page import page, summary_rows
    from rft.benchmarks.traces import PUBLISHED

    with _progress(traces, quiet=as_json) as tell:
        verdicts = run(PUBLISHED, traces, seed, tell)
    found = rows(verdicts)
    if write is not None:
        write.write_text(page(verdicts, traces, seed), encoding="utf-8")
    if as_json:
        told = {"traces": traces, "seed": seed, "simulated": True, "rows": [document(row) for row in found]}
        console.print_json(told)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    heading, *body = summary_rows(found)
    for number, name in enumerate(heading):
        table.add_column(name, justify="left" if number < 2 else "right", overflow="fold")
    for cells in body:
        table.add_row(*map(Text, cells))
    console.stdout.print(table)


@contextmanager
def _progress(total: int, *, quiet: bool) -> Iterator[Any]:
    with Progress(console=console.stderr, transient=True, disable=quiet) as progress:
        task = progress.add_task("traces", total=total)
        yield lambda done: progress.update(task, completed=done)


def register(app: typer.Typer) -> None:
    """Add the group."""
    watch.command("replay")(replay_command)
    watch.command("bench")(bench_command)
    app.add_typer(watch, name="watch")
