"""`rft validate` and `rft convert`: datasets on this machine."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from rft import names
from rft.cli import console, project
from rft.datasets import convert as converters
from rft.datasets.lines import read_lines
from rft.datasets.validate import Rules, Validation
from rft.datasets.validate import validate as validate_files
from rft.settings import UseCaseSettings

SHOWN: Final = 20
FORMATS: Final = ("gsm8k",)
UseCase = Annotated[str, typer.Argument(help="A folder of use_cases/.")]
File = Annotated[Path | None, typer.Option(help="JSON Lines file of this split.")]


def check(settings: UseCaseSettings, files: Mapping[str, Path]) -> Validation:
    """Validate files by split exactly as the workflow does."""
    rules = Rules.of(
        settings.model,
        reference_required=settings.dataset.reference_required,
        max_prompt_tokens=settings.hyperparameters.maxPromptLength,
    )
    split = settings.dataset.split
    held_out = sum(
        share
        for name, share in ((names.VALIDATION, split.validation), (names.TEST, split.test))
        if name not in files
    )
    with ExitStack() as stack:
        lines = {name: read_lines(stack.enter_context(path.open("rb"))) for name, path in files.items()}
        return validate_files(lines, rules, held_out_from_train=held_out)


def stop_on_errors(outcome: Validation) -> None:
    """Print the findings and end the command with exit code 1 when there are errors."""
    for finding in list(outcome.findings.of("error"))[:SHOWN]:
        console.stderr.print(f"[bold red]error[/] {escape(str(finding))}", soft_wrap=True)
    if outcome.findings.errors > SHOWN:
        console.stderr.print(f"[dim]… and {outcome.findings.errors - SHOWN} more[/]")
    if not outcome.ok:
        raise typer.Exit(console.EXIT_FINDING)


def validate(
    use_case: UseCase,
    train: File = None,
    validation: File = None,
    test: File = None,
    folder: Annotated[
        Path | None, typer.Option("--dir", help="Folder with train, validation and test.jsonl.")
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Check a dataset as the workflow does; the use case's sample without --dir or --train."""
    settings, home = project.use_case(use_case)
    given = {names.TRAIN: train, names.VALIDATION: validation, names.TEST: test}
    files = {split: path for split, path in given.items() if path is not None}
    if folder is not None or not files:
        files = {**_files_in(folder or home / "sample"), **files}
    if names.TRAIN not in files:
        raise console.UsageProblem("no train file; pass --train FILE or --dir DIR")
    outcome = check(settings, files)
    if as_json:
        console.print_json(outcome.to_json())
        raise typer.Exit(0 if outcome.ok else console.EXIT_FINDING)
    for finding in list(outcome.findings.of("warning"))[:SHOWN]:
        console.stdout.print(f"[yellow]warning[/] {escape(str(finding))}", soft_wrap=True)
    counts = ", ".join(f"{count:,} {split}" for split, count in outcome.counts.items())
    errors, warnings = outcome.findings.errors, outcome.findings.warnings
    console.stdout.print(
        f"{counts}: {console.counted(errors, 'error')}, {console.counted(warnings, 'warning')}"
    )
    stop_on_errors(outcome)


def _files_in(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise console.UsageProblem(f"{folder}: no such folder")
    return {
        split: folder / f"{split}.jsonl" for split in names.SPLITS if (folder / f"{split}.jsonl").is_file()
    }


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="File to convert.")],
    target: Annotated[
        Path, typer.Argument(metavar="OUT_DIR", help="Folder for train, validation and test.jsonl.")
    ],
    source_format: Annotated[str, typer.Option("--from", help=f"Format of IN: {', '.join(FORMATS)}.")],
    test: Annotated[
        Path | None,
        typer.Option(
            help="Held-out test file; by default test.jsonl beside an IN named train.jsonl, else split off."
        ),
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Turn a file of another format into a dataset."""
    if source_format not in FORMATS:
        raise console.UsageProblem(f"--from {source_format}: unknown format; allowed: {', '.join(FORMATS)}")
    neighbour = source.with_name(f"{names.TEST}.jsonl")
    if test is None and source.name == f"{names.TRAIN}.jsonl" and neighbour.is_file():
        test = neighbour
    with ExitStack() as stack:
        train = read_lines(stack.enter_context(source.open("rb")))
        held_out = read_lines(stack.enter_context(test.open("rb"))) if test else None
        counts = converters.write_dataset(
            converters.from_gsm8k(train, source="gsm8k-train", name=str(source)),
            target,
            held_out=converters.from_gsm8k(held_out, source="gsm8k-test", name=str(test))
            if held_out
            else None,
        )
    if as_json:
        console.print_json({"folder": str(target), "records": counts, "test": str(test) if test else None})
    else:
        told = ", ".join(f"{count:,} {split}" for split, count in counts.items())
        taken = f"; test from {test}" if test else ""
        console.stdout.print(escape(f"wrote {told} to {target}{taken}"), soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("validate")(validate)
    app.command("convert")(convert)
