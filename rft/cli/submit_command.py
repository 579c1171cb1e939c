"""`rft submit`: check a dataset here, upload it in the right order, follow the run it starts."""

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from rft import aws, names
from rft.cli import console, follow, project, runs_view, validate_command
from rft.cli.registration import Registered, registered
from rft.datasets.log_dataset import dataset_of_logs
from rft.runs.force import to_metadata
from rft.runs.record import RunRecord, Status
from rft.runs.upload import Upload, dataset_files, upload

START_TIMEOUT_SECONDS: Final = 120.0
CLOCK_SKEW: Final = timedelta(seconds=60)


def files_of(folder: Path) -> dict[str, Path]:
    """The dataset files of a folder by split.

    Raises:
        UsageProblem: when there is no train file.
    """
    found = dataset_files(folder)
    if names.TRAIN not in found:
        raise console.UsageProblem(f"{folder}: no train.jsonl; a dataset is a folder with at least that file")
    return found


def find_run(environment: names.EnvironmentNames, use_case: str, uploaded: Upload) -> str | None:
    """ARN of the execution that an upload started; None when it does not appear."""

    def is_ours(given: Mapping[str, Any]) -> bool:
        same_object = given.get("bucket") == uploaded.bucket and given.get("key") == uploaded.key
        return same_object and given.get("version_id") in (uploaded.version_id, "", None)

    machine = names.UseCaseNames(environment.environment, use_case).pipeline
    arn = f"arn:aws:states:{environment.region}:{environment.account}:stateMachine:{machine}"
    since = uploaded.at - (CLOCK_SKEW if environment.environment != project.LOCAL else timedelta())
    return follow.find_execution(arn, is_ours, since=since, timeout_seconds=START_TIMEOUT_SECONDS)


def submit(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")],
    folder: Annotated[
        Path | None, typer.Argument(help="Folder with train.jsonl and, if you like, validation and test.")
    ] = None,
    env: console.Environment = "dev",
    dataset: Annotated[
        str | None, typer.Option(help="Name of the dataset in S3; the folder's name by default.")
    ] = None,
    follow_run: Annotated[
        bool, typer.Option("--follow", help="Stay and show the run until it is over.")
    ] = False,
    from_logs: Annotated[
        bool, typer.Option("--from-logs", help="Train on the logs that dataset.invocation_logs names.")
    ] = False,
    force: Annotated[
        str | None,
        typer.Option("--force", help="Why to train again what was trained already; kept in the record."),
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Check a dataset, upload it, and start a run with it; content that was trained already starts none."""
    settings, _ = project.use_case(use_case)
    if force is not None:
        try:
            to_metadata(force)
        except ValueError as error:
            raise console.UsageProblem(f"--force: {error}") from None
    if (folder is None) is not from_logs:
        raise console.UsageProblem("pass a folder with a dataset, or --from-logs")
    logs = settings.dataset.invocation_logs
    if from_logs and logs is None:
        raise console.UsageProblem(f"{use_case}: no logs; set dataset.invocation_logs in use_case.yaml")
    with tempfile.TemporaryDirectory(prefix="rft-logs-") as scratch:
        if from_logs and logs is not None:
            project.connect(env)
            dataset = dataset_of_logs(logs, Path(scratch))
        home = folder or Path(scratch)
        files = files_of(home)
        validate_command.stop_on_errors(validate_command.check(settings, files).findings)
        environment = project.connect(env)
        name = dataset or home.resolve().name
        uploaded = upload(
            environment.datasets_bucket, use_case, name, files, uploader=aws.caller_arn(), force=force
        )
    execution = find_run(environment, use_case, uploaded)
    if execution is None:
        raise console.Finding(
            f"s3://{uploaded.bucket}/{uploaded.key}: no run began within {START_TIMEOUT_SECONDS:.0f} s; "
            f"is the stack of {use_case} deployed in {env}? (make deploy ENV={env})"
        )
    found = registered(execution, timeout_seconds=START_TIMEOUT_SECONDS)
    if found.duplicate or not follow_run:
        earlier = runs_view.store(environment, use_case).get(found.run_id) if found.duplicate else None
        _tell(as_json, uploaded, execution, found, earlier)
        return
    with follow.display(console.stdout, silent=as_json) as shown:
        ended = follow.follow(execution, environment=environment, use_case=use_case, shown=shown)
    if as_json:
        console.print_json(runs_view.public(ended.record) if ended.record else {"execution_arn": execution})
    if ended.record is None or ended.record.status is Status.FAILED:
        raise typer.Exit(console.EXIT_FINDING)


def _tell(
    as_json: bool, uploaded: Upload, execution: str, found: Registered, earlier: RunRecord | None
) -> None:
    if as_json:
        told = {"bucket": uploaded.bucket, "key": uploaded.key, "execution_arn": execution}
        console.print_json({**told, "run_id": found.run_id or None, "duplicate": found.duplicate})
        return
    lines = [f"uploaded  s3://{uploaded.bucket}/{uploaded.key}"]
    if earlier is None:
        lines += [
            f"started   {execution}",
            f"run       {found.run_id or 'not registered yet; rft runs list'}",
        ]
    else:
        began = earlier.created_at[:16].replace("T", " ")
        known = f"run {earlier.run_id}, begun {began} UTC, {earlier.status} in {earlier.state}"
        lines += [
            f"known     the same content is {known}; nothing was started",
            f"look      rft runs show {earlier.run_id} --use-case {earlier.use_case} --env {earlier.environment}",
            'again     rft submit … --force "why it is to be trained once more"',
        ]
    for line in lines:
        console.stdout.print(line, soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("submit")(submit)
