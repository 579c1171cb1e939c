"""`rft validate`: a dataset on this machine, checked as the workflow does."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from rft import names
from rft.cli import console, project
from rft.cli.reward_commands import own_reward
from rft.cli.reward_environment import reward_environment
from rft.cli.sample_records import samples_of
from rft.datasets import validate as validator
from rft.datasets.chunks import FileSource
from rft.datasets.findings import Findings
from rft.datasets.outcome import Validation
from rft.datasets.report import render_dataset_report
from rft.datasets.rules import Rules
from rft.datasets.self_check import check_references
from rft.settings import UseCaseSettings

SHOWN: Final = 20
SELF_CHECK_SECONDS: Final = 20.0  # of scoring references; the rest is left out and said to be
UseCase = Annotated[str, typer.Argument(help="A folder of use_cases/.")]
File = Annotated[Path | None, typer.Option(help="JSON Lines file of this split.")]


def check(
    settings: UseCaseSettings, files: Mapping[str, Path], *, quality: bool = True, jobs: int = 1
) -> Validation:
    """Validate files by split exactly as the workflow does."""
    split = settings.dataset.split
    held_out = sum(
        share
        for name, share in ((names.VALIDATION, split.validation), (names.TEST, split.test))
        if name not in files
    )
    sources = {name: FileSource(files[name]) for name in names.SPLITS if name in files}
    with _progress(sum(source.size for source in sources.values())) as progress:
        return validator.validate(
            sources,
            Rules.of(settings, quality=quality),
            held_out_from_train=held_out,
            jobs=jobs,
            progress=progress,
        )


@contextmanager
def _progress(size: int) -> Iterator[validator.Progress]:
    """A bar on standard error while more than one chunk is read by someone who looks on."""
    columns = TextColumn("reading"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    hidden = size <= validator.CHUNK_BYTES or not console.stderr.is_terminal
    with Progress(*columns, console=console.stderr, transient=True, disable=hidden) as bar:
        task = bar.add_task("", total=size)
        yield lambda done: bar.advance(task, done)


def stop_on_errors(findings: Findings) -> None:
    """Print the errors and end the command with exit code 1 when there are some."""
    for finding in list(findings.of("error"))[:SHOWN]:
        console.stderr.print(f"[bold red]error[/] {escape(str(finding))}", soft_wrap=True)
    if findings.errors > SHOWN:
        console.stderr.print(f"[dim]… and {findings.errors - SHOWN} more[/]")
    if findings.errors:
        raise typer.Exit(console.EXIT_FINDING)


def validate(
    use_case: UseCase,
    train: File = None,
    validation: File = None,
    test: File = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Folder with train, validation and test.jsonl.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only what Bedrock would refuse or drop.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Processes to read with.")] = os.cpu_count() or 1,
    report: Annotated[
        Path | None, typer.Option(help="Write what was found as a page, with some records in full.")
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Check a dataset as the workflow does; the use case's sample without --dir or --train."""
    settings, home = project.use_case(use_case)
    files = {
        split: path
        for split, path in zip(names.SPLITS, (train, validation, test), strict=True)
        if path is not None
    }
    if folder is not None or not files:
        files = {**_files_in(folder or home / "sample"), **files}
    if names.TRAIN not in files:
        raise console.UsageProblem("no train file; pass --train FILE or --dir DIR")
    outcome = check(settings, files, quality=not quick, jobs=jobs)
    if not quick:
        _score_references(outcome, settings, home, files)
    if report is not None:
        title = f"{use_case} · {(folder or next(iter(files.values())).parent).resolve().name}"
        page = render_dataset_report(outcome.to_json(), title=title, samples=samples_of(files))
        report.write_text(page, encoding="utf-8")
    if as_json:
        console.print_json(outcome.to_json())
        raise typer.Exit(0 if outcome.ok else console.EXIT_FINDING)
    _tell(outcome)
    if report is not None:
        console.stdout.print(escape(f"wrote {report}"), soft_wrap=True)
    stop_on_errors(outcome.findings)


def _score_references(
    outcome: Validation, settings: UseCaseSettings, home: Path, files: Mapping[str, Path]
) -> None:
    """Put the references to the use case's own reward; one that asks a judge would cost, and is left out."""
    if settings.reward.judge is not None:
        return
    with reward_environment(settings.reward):
        conclusion = check_references(
            {split: FileSource(files[split]) for split in names.SPLITS if split in files},
            own_reward(home),
            minimum=settings.reward.audit.min_reference_score,
            seconds=SELF_CHECK_SECONDS,
            concurrency=settings.reward.concurrency,
        )
    outcome.statistics["references_scored"] = conclusion.statistics
    for placed in conclusion.faults:
        outcome.add(placed, Rules.of(settings))


def _tell(outcome: Validation) -> None:
    for finding in list(outcome.findings.of("warning"))[:SHOWN]:
        console.stdout.print(f"[yellow]warning[/] {escape(str(finding))}", soft_wrap=True)
    if outcome.findings.warnings > SHOWN:
        console.stdout.print(f"[dim]… and {outcome.findings.warnings - SHOWN} more[/]")
    counts = ", ".join(f"{count:,} {split}" for split, count in outcome.counts.items())
    errors, warnings = outcome.findings.errors, outcome.findings.warnings
    console.stdout.print(
        f"{counts}: {console.counted(errors, 'error')}, {console.counted(warnings, 'warning')}"
    )


def _files_in(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise console.UsageProblem(f"{folder}: no such folder")
    return {
        split: folder / f"{split}.jsonl" for split in names.SPLITS if (folder / f"{split}.jsonl").is_file()
    }


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("validate")(validate)
