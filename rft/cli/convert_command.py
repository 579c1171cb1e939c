"""`rft convert`: datasets out of other formats."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape

from rft import names
from rft.cli import console
from rft.datasets.converters import FORMATS
from rft.datasets.converters.graders import Skeleton, read_grader, skeleton
from rft.datasets.converters.invocation_logs import S3, LogFilter, read_references
from rft.datasets.converters.openai import reference_field
from rft.datasets.converters.port import REFERENCE_COLUMNS, Options
from rft.datasets.converters.writing import DROPPED_FILE, TARGETS, Written, write_dataset
from rft.datasets.invocation_log import check_filter

REASONS_SHOWN: Final = 5
REWARD_FILE: Final = "reward.py"


def convert(
    source: Annotated[
        str,
        typer.Argument(metavar="IN", help="File to convert; for logs also a folder or s3://bucket/prefix."),
    ],
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
    metadata: Annotated[
        list[str] | None,
        typer.Option("--metadata", help="KEY=VALUE that logged requests carry; all of them."),
    ] = None,
    metadata_filter: Annotated[
        str | None,
        typer.Option(help="Filter of logged requests as JSON, in Bedrock's requestMetadataFilters shape."),
    ] = None,
    since: Annotated[datetime | None, typer.Option(help="Log records from this time on, UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Log records before this time, UTC.")] = None,
    model: Annotated[str | None, typer.Option(help="Part of the id of the model that was asked.")] = None,
    references: Annotated[
        Path | None, typer.Option(help="Dataset file whose references are joined to logged prompts.")
    ] = None,
    use_response: Annotated[
        bool, typer.Option("--use-response", help="Take the logged answer for the reference.")
    ] = False,
    as_json: console.AsJson = False,
) -> None:
    """Turn a file of another format into a dataset; what is dropped is listed with its reason."""
    if source_format not in FORMATS:
        raise console.UsageProblem(f"--from {source_format}: unknown format; allowed: {', '.join(FORMATS)}")
    if target_format not in TARGETS:
        raise console.UsageProblem(f"--to {target_format}: unknown format; allowed: {', '.join(TARGETS)}")
    test = test or _neighbour(source)
    wanted = LogFilter(
        metadata=_metadata(metadata or [], metadata_filter),
        since=_utc(since),
        until=_utc(until),
        model=model,
        references=read_references(references) if references else None,
        use_response=use_response,
    )
    graded = read_grader(grader.read_text(encoding="utf-8")) if grader else None
    field = reference or (reference_field(graded) if graded else None)
    options = Options(
        prompt=prompt, reference=field, instruction=instruction, min_score=min_score, logs=wanted
    )
    reward = skeleton(graded, field or REFERENCE_COLUMNS[0]) if graded else None
    read = FORMATS[source_format]
    held_out = read(test, options) if test else None
    written = write_dataset(read(_place(source), options), target, held_out=held_out, target=target_format)
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


def _place(source: str) -> Path | str:
    return source if source.startswith(S3) else Path(source)


def _neighbour(source: str) -> Path | None:
    path = Path(source)
    if path.stem != names.TRAIN:
        return None
    beside = path.with_name(f"{names.TEST}{path.suffix}")
    return beside if beside.is_file() else None


def _metadata(pairs: list[str], text: str | None) -> Mapping[str, Any] | None:
    """The filter in Bedrock's shape, of `--metadata` or of `--metadata-filter`."""
    if pairs and text:
        raise console.UsageProblem("--metadata and --metadata-filter: pass one of them")
    if text:
        try:
            wanted = json.loads(text)
            check_filter(wanted)
        except (ValueError, TypeError) as error:
            raise console.UsageProblem(f"--metadata-filter: {error}") from None
        return dict(wanted)
    if any("=" not in pair for pair in pairs):
        raise console.UsageProblem("--metadata: want KEY=VALUE")
    parts = [{"equals": {key: value}} for key, _, value in (pair.partition("=") for pair in pairs)]
    return {"andAll": parts} if len(parts) > 1 else parts[0] if parts else None


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


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
