"""`rft convert`: datasets out of other formats."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from rft import names
from rft.cli import console
from rft.datasets.converters import FORMATS
from rft.datasets.converters.graders import Skeleton, read_grader, skeleton
from rft.datasets.converters.openai import reference_field
from rft.datasets.converters.port import REFERENCE_COLUMNS, Options
from rft.datasets.converters.writing import DROPPED_FILE, TARGETS, Written, write_dataset

REASONS_SHOWN: Final = 5
REWARD_FILE: Final = "reward.py"


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="File to convert.")],
    target: Annotated[
        Path, typer.Argument(metavar="OUT_DIR", help="Folder for train, validation and test.jsonl.")
    ],
    source_format: Annotated[str, typer.Option("--from", help=f"Format of IN: {', '.join(FORMATS)}.")],
    target_format: Annotated[
        str, typer.Option("--to", help=f"Format of the files: {', '.join(TARGETS)}.")
    ] = "jsonl",
    test: Annotated[
        Path | None,
        typer.Option(
            help="Held-out test file; by default test.* beside an IN named train.*, else split off."
        ),
    ] = None,
    prompt: Annotated[
        str | None, typer.Option("--prompt-column", help="Key or column of the prompt.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option("--reference-column", help="Key or column of the reference answer.")
    ] = None,
    instruction: Annotated[
        str | None, typer.Option(help="Text to put below every prompt, such as the format to answer in.")
    ] = None,
    grader: Annotated[
        Path | None, typer.Option(help="Grader of an OpenAI or Azure job as JSON; becomes reward.py.")
    ] = None,
    min_score: Annotated[
        float, typer.Option(min=0, max=1, help="Least score of a candidate that becomes the reference.")
    ] = 0.5,
    as_json: console.AsJson = False,
) -> None:
    """Turn a file of another format into a dataset; what is dropped is listed with its reason."""
    if source_format not in FORMATS:
        raise console.UsageProblem(f"--from {source_format}: unknown format; allowed: {', '.join(FORMATS)}")
    if target_format not in TARGETS:
        raise console.UsageProblem(f"--to {target_format}: unknown format; allowed: {', '.join(TARGETS)}")
    test = test or _neighbour(source)
    graded = read_grader(grader.read_text(encoding="utf-8")) if grader else None
    field = reference or (reference_field(graded) if graded else None)
    options = Options(prompt=prompt, reference=field, instruction=instruction, min_score=min_score)
    reward = skeleton(graded, field or REFERENCE_COLUMNS[0]) if graded else None
    read = FORMATS[source_format]
    held_out = read(test, options) if test else None
    written = write_dataset(read(source, options), target, held_out=held_out, target=target_format)
    if reward:
        _write_reward(reward, target)
    if as_json:
        console.print_json(_document(written, target, test, reward))
    else:
        _tell(written, target, test, reward)
    if not sum(written.records.values()):
        raise console.Finding(
            f"{source}: no record could be converted; the reasons are in {target / DROPPED_FILE}"
        )


def _neighbour(source: Path) -> Path | None:
    beside = source.with_name(f"{names.TEST}{source.suffix}")
    return beside if source.stem == names.TRAIN and beside.is_file() else None


def _write_reward(made: Skeleton, folder: Path) -> None:
    files: Mapping[str, str] = {REWARD_FILE: made.reward, **made.rubrics}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _document(written: Written, target: Path, test: Path | None, reward: Skeleton | None) -> dict[str, Any]:
    return {
        "folder": str(target),
        "read": written.read,
        "records": written.records,
        "dropped": dict(written.dropped),
        "test": str(test) if test else None,
        "reward": [REWARD_FILE, *reward.rubrics] if reward else [],
        "notes": reward.notes if reward else [],
    }


def _tell(written: Written, target: Path, test: Path | None, reward: Skeleton | None) -> None:
    told = ", ".join(f"{count:,} {split}" for split, count in written.records.items())
    taken = f"; test from {test}" if test else ""
    console.stdout.print(escape(f"read {written.read:,}, wrote {told} to {target}{taken}"), soft_wrap=True)
    if written.dropped:
        path = target / DROPPED_FILE
        console.stdout.print(
            escape(f"dropped {written.dropped.total():,}, listed in {path}:"), soft_wrap=True
        )
        for reason, count in written.dropped.most_common(REASONS_SHOWN):
            console.stdout.print(escape(f"  {count:,} × {reason}"), soft_wrap=True)
    if reward:
        listed = ", ".join([REWARD_FILE, *reward.rubrics])
        console.stdout.print(escape(f"wrote {listed}: read them before use"), soft_wrap=True)
        for note in reward.notes:
            console.stdout.print(escape(f"  {note}"), soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("convert")(convert)
