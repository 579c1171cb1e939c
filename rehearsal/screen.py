"""What a rehearsal prints around the run: its steps of setting up, the summary, the answer, the leftovers."""

import io
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.table import Table
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from rehearsal.evidence import timeline
from rehearsal.runner import Answer, Played
from rehearsal.scenarios import SCENARIOS
from rehearsal.stage import Stage
from rft.cli import console
from rft.cli.progress import duration, render
from rft.engines.capabilities import CAPABILITIES

ANSWER_CHARACTERS: Final = 600
QUESTION_CHARACTERS: Final = 300
PICTURE_COLUMNS: Final = 84
BESIDE: Final = {"start local AWS": "while the app is synthesised"}


class Steps:
    """One line that says what is being set up; plain lines where there is no terminal."""

    def __init__(self, target: Console, *, quiet: bool = False) -> None:
        self._console, self._quiet = target, quiet
        self._last = ""
        self._line: Progress | None = None
        if target.is_terminal and not quiet:
            elapsed = TimeElapsedColumn()
            self._line = Progress(
                SpinnerColumn(), elapsed, TextColumn("{task.description}"), console=target, transient=True
            )
            self._task = self._line.add_task("Setting up", total=None)

    def __enter__(self) -> Self:
        if self._line is not None:
            self._line.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def tell(self, text: str) -> None:
        """Show what is being done now."""
        if self._line is not None:
            self._line.update(self._task, description=escape(text))
        elif not self._quiet and not (self._last[:20] == text[:20] and text.endswith("resources")):
            self._console.print(escape(text), soft_wrap=True)
        self._last = text

    def stop(self) -> None:
        """Remove the line. Safe to call twice."""
        if self._line is not None:
            self._line.stop()
            self._line = None


def list_scenarios(target: Console, as_json: bool) -> None:
    """Print the table of scenarios."""
    if as_json:
        console.print_json(
            [
                {
                    "name": one.name,
                    "description": one.description,
                    "engines": {
                        engine: {
                            "outcome": one.on(engine).outcome.value,
                            "alarms": sorted(one.on(engine).rings),
                        }
                        for engine in one.engines
                    },
                }
                for one in SCENARIOS.values()
            ]
        )
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("scenario", no_wrap=True)
    for engine in CAPABILITIES:
        table.add_column(f"ends with {engine}", no_wrap=True)
    table.add_column("what happens")
    for scenario in SCENARIOS.values():
        ends = [
            scenario.on(engine).outcome.value if engine in scenario.engines else "-"
            for engine in CAPABILITIES
        ]
        table.add_row(scenario.name, *ends, scenario.description)
    target.print(table)


def summary(
    target: Console, stage: Stage, results: Sequence[Played], folder: Path, seconds: float, *, as_json: bool
) -> None:
    """Print how it went: the model's answer, the times, what is left behind, where the evidence is."""
    if as_json:
        documents = [
            timeline(stage, played)
            | {"total_seconds": round(seconds, 3), "evidence": str(folder), "run": played.document}
            for played in results
        ]
        console.print_json(documents[0] if len(documents) == 1 else documents)
        return
    if len(results) == 1:
        _answer(target, results[0].answer)
        _times(target, stage, results[0], seconds)
    else:
        _scoreboard(target, results, seconds)
    for played in results:
        for problem in played.problems:
            target.print(
                Text.assemble(("   ✘ ", "bold red"), f"{played.scenario.name}: {problem}"), soft_wrap=True
            )
    if len(results) == 1:
        target.print(f"   Alarms  {results[0].alarms.line}", soft_wrap=True)
    target.print(_left(results))
    _where(target, results, folder)


def picture(path: Path, stage: Stage, played: Played, folder: Path, seconds: float) -> None:
    """Save what the terminal shows at the end as an SVG file."""
    recorder = Console(record=True, width=PICTURE_COLUMNS, file=io.StringIO(), highlight=False)
    recorder.print(render(played.followed.snapshot))
    summary(recorder, stage, [played], folder, seconds, as_json=False)
    recorder.save_svg(str(path), title=f"rft rehearse {played.use_case}", theme=DIMMED_MONOKAI)


def _answer(target: Console, answer: Answer | None) -> None:
    if answer is None:
        return
    target.print(Rule("The deployed model, asked a held-out question", align="left", style="dim"))
    target.print(Padding(Text(_short(answer.question, QUESTION_CHARACTERS), style="dim"), (0, 3)))
    target.print(Padding(Text(_short(answer.answer, ANSWER_CHARACTERS)), (0, 3)))


def _times(target: Console, stage: Stage, played: Played, seconds: float) -> None:
    target.print(Rule("Timeline", align="left", style="dim"))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(style="dim")
    for name, value in stage.timings.items():
        table.add_row(name, duration(value), BESIDE.get(name, ""))
    table.add_row("run", duration(played.seconds), "from upload to end")
    table.add_row("in all", duration(seconds))
    target.print(Padding(table, (0, 3)))


def _scoreboard(target: Console, results: Sequence[Played], seconds: float) -> None:
    target.print(Rule("Scenarios", align="left", style="dim"))
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "scenario", "ended as", "expected", "seconds", "alarms that rang"):
        table.add_column(column, no_wrap=True, justify="right" if column == "seconds" else "left")
    for played in results:
        mark = "[bold red]✘[/]" if played.problems else "[green]✔[/]"
        row = (
            mark,
            played.scenario.name,
            played.status,
            played.scenario.outcome.value,
            f"{played.seconds:.1f}",
            ", ".join(played.alarms.rang),
        )
        table.add_row(*row)
    target.print(Padding(table, (0, 3)))
    target.print(Padding(f"in all {duration(seconds)}", (0, 3)))


def _left(results: Sequence[Played]) -> Text:
    if any(played.left for played in results):
        return Text("   Something is left behind; see above.", style="bold red")
    return Text("   Left behind: nothing (no lock, no job, no candidate deployment).")


def _where(target: Console, results: Sequence[Played], folder: Path) -> None:
    here = Path.cwd()
    shown = folder.relative_to(here) if folder.is_relative_to(here) else folder
    if len(results) == 1 and (folder / "report.html").is_file():
        target.print(f"   Report: {escape(str(shown / 'report.html'))}", soft_wrap=True)
    else:
        target.print(f"   Evidence: {escape(str(shown))}", soft_wrap=True)


def wait(target: Console, stage: Stage) -> None:
    """Keep the local AWS until Ctrl-C, and say how to use it."""
    target.print(Rule("The local AWS stays until Ctrl-C", align="left", style="dim"))
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        target.print(f"   export {name}={stage.local.environ()[name]}", soft_wrap=True)
    target.print("   rft runs list --env local")
    while True:
        time.sleep(3600)


def failure(message: str) -> None:
    """Print a failure of setting up, which may have several lines of a log."""
    console.stderr.print(Text.assemble(("error ", "bold red"), message), soft_wrap=True)


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
