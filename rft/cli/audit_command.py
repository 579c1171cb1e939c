"""`rft reward audit`: the reward function tried on known, worthless and odd answers, as the workflow does it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich import box
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from rft.audit import report as reports
from rft.audit.cases import read_records
from rft.audit.run import Tell, audit
from rft.audit.subject import Subject, wanted_records
from rft.audit.table import rows
from rft.cli import console, project
from rft.cli.reward_commands import own_reward
from rft.cli.reward_environment import JudgeChoice, reward_environment
from rft.evaluation.scorers import local_scorer
from rft.names import TRAIN
from rft.planning.prices import price_list
from rft.rewards.checks import SAMPLE_FOLDER
from rft.rewards.loading import GOLDEN_FILE
from rft.settings import Prices, UseCaseSettings

_MARKS: Final[Mapping[bool | None, tuple[str, str]]] = {
    True: ("✔", "green"),
    False: ("✘", "bold red"),
    None: ("·", "dim"),
}


def audit_command(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder with train.jsonl; the use case's sample without it.")
    ] = None,
    judge: JudgeChoice = "auto",
    brief: Annotated[bool, typer.Option("--brief", help="Print breaches and verdict, no table.")] = False,
    as_json: console.AsJson = False,
) -> None:
    """Try the reward on known, worthless and odd answers; exit 1 when it breaks a threshold of reward.audit."""
    settings, folder = project.use_case(use_case)
    subject = read_subject(settings, folder, data or folder / SAMPLE_FOLDER)
    prices = price_list(settings.model.regions[0], settings.base_model, Prices())
    with reward_environment(settings.reward, judge), _progress(quiet=as_json or brief) as tell:
        found = audit(subject, local_scorer(own_reward(folder), settings.reward), prices=prices, tell=tell)
    if as_json:
        console.print_json(found)
    else:
        if not brief:
            show(found)
        conclude(found, one_line=brief)
    if not found["passed"]:
        raise typer.Exit(console.EXIT_FINDING)


def read_subject(settings: UseCaseSettings, folder: Path, data: Path) -> Subject:
    """The first records of the folder's train file, and the use case's golden answers.

    Raises:
        UsageProblem: when a file is missing or malformed.
    """
    train = data / f"{TRAIN}.jsonl"
    if not train.is_file():
        raise console.UsageProblem(f"{train}: no such file; pass --data DIR with a {TRAIN}.jsonl")
    try:
        with train.open("rb") as lines:
            records = read_records(lines, wanted_records(settings.reward))
        return Subject.of(settings, records, folder / GOLDEN_FILE)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        told = str(error) if str(error).startswith(GOLDEN_FILE) else "malformed; check it with: rft validate"
        place = folder if told.startswith(GOLDEN_FILE) else train
        raise console.UsageProblem(f"{place}: {told}") from None


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Tell]:
    columns = (TextColumn("[dim]auditing"), BarColumn(), MofNCompleteColumn(), TextColumn("[dim]samples"))
    with Progress(*columns, console=console.stderr, transient=True, disable=quiet) as progress:
        task = progress.add_task("audit", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def show(found: Mapping[str, Any]) -> None:
    """Print the table."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    table.add_column("", width=1)
    table.add_column("", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("limit", justify="right", no_wrap=True, style="dim")
    table.add_column("", style="dim", overflow="fold", ratio=1)
    section = ""
    for row in rows(found):
        if row.section != section:
            section = row.section
            table.add_section()
            table.add_row("", Text(section, style="bold"))
        mark, style = _MARKS[row.ok]
        broken = style if row.ok is False else ""
        table.add_row(
            Text(mark, style=style), Text(row.label, style=broken), row.value, row.limit, escape(row.remark)
        )
    console.stdout.print(table)
    console.stdout.print(Text(f"cost: {found['cost_per_1000_samples']['assumption']}", style="dim"))


def conclude(found: Mapping[str, Any], *, one_line: bool = False) -> None:
    """Print the breaches and the verdict, each wrapped or in one line."""
    for breach in found["breaches"]:
        console.stdout.print(Text.assemble(("breach ", "bold red"), breach["told"]), soft_wrap=one_line)
    told = Text(reports.verdict_sentence(found), style="bold green" if found["passed"] else "bold red")
    console.stdout.print(told, soft_wrap=one_line)


def register(group: typer.Typer) -> None:
    """Add the command to the group `reward`."""
    group.command("audit")(audit_command)
