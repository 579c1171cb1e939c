"""`rft runs report`: a run's page, as the workflow stored it or as things are now."""

import tempfile
from pathlib import Path
from typing import Annotated, Final

import typer

from rft import names, objects
from rft.cli import console, project, runs_view
from rft.runs.record import Status
from rft.runs.stored_report import CurrentReport

PAGE: Final = "report.html"


def report(
    run: Annotated[str, typer.Argument(help="Run id, or its beginning.")],
    env: console.Environment = "dev",
    use_case: Annotated[
        str | None, typer.Option("--use-case", help="Use case; all of the project's by default.")
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="File for the page; a new folder by default.")
    ] = None,
    image: Annotated[
        Path | None, typer.Option("--png", help="File for an image of the reward curves.")
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Write a run's report: the stored one of a run that is over, one of this moment for a run under way."""
    environment = project.connect(env)
    record = runs_view.find(environment, run, use_case)
    bucket = environment.artifacts_bucket
    keys = names.RunKeys(record.use_case, record.run_id)
    log_group = names.UseCaseNames(env, record.use_case).log_group("reward")
    path = out or Path(tempfile.mkdtemp(prefix=f"rft-{record.run_id}-")) / PAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    stored = record.status is not Status.RUNNING and objects.object_version(bucket, keys.report) is not None
    current = None if stored and image is None else CurrentReport.read(record, bucket, keys, log_group)
    page = current.page().encode() if current and not stored else objects.read_bytes(bucket, keys.report)
    path.write_bytes(page)
    beside = _linked(bucket, keys, path.parent) if out is None else []
    if image is not None and current is not None:
        image.write_bytes(_image(current))
    if as_json:
        console.print_json(
            {
                "run_id": record.run_id,
                "status": record.status.value,
                "stored": stored,
                "page": str(path),
                "beside": beside,
                "png": str(image) if image else None,
            }
        )
    else:
        kind = "as stored when the run ended" if stored else "as of now"
        console.stdout.print(f"{path} ({kind}; it holds prompts and answers)", soft_wrap=True)
        if image is not None:
            console.stdout.print(str(image), soft_wrap=True)
    if open_page:
        typer.launch(path.resolve().as_uri())


def _linked(bucket: str, keys: names.RunKeys, folder: Path) -> list[str]:
    """Fetch the reports that the page links to, as far as the run has them; return their names."""
    found = []
    for key in (keys.validation_page, keys.probe_page, keys.audit_report):
        if objects.object_version(bucket, key) is not None:
            target = folder / key.rsplit("/", 1)[-1]
            target.write_bytes(objects.read_bytes(bucket, key))
            found.append(target.name)
    return found


def _image(current: CurrentReport) -> bytes:
    drawn = current.image()
    if drawn is None:
        raise console.Finding(f"run {current.record.run_id} has no curves; its job has scored nothing yet")
    return drawn
