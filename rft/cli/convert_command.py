"""`rft convert`: datasets out of other formats."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from rft import names
from rft.cli import console
from rft.datasets import convert as converters
from rft.datasets.lines import read_lines

FORMATS: Final = ("gsm8k",)


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
    """Add the command."""
    app.command("convert")(convert)
