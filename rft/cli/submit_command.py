"""`rft submit`: check a dataset here, upload it in the right order, follow the run it starts."""

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from rft import aws, names
from rft.cli import console, follow, project, runs_view, validate_command
from rft.datasets.log_dataset import dataset_of_logs
from rft.runs.record import Status
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
    as_json: console.AsJson = False,
) -> None:
    """Check a dataset, upload it, and start a run with it."""
    settings, _ = project.use_case(use_case)
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
        uploaded = upload(environment.datasets_bucket, use_case, name, files, uploader=aws.caller_arn())
    execution = find_run(environment, use_case, uploaded)
    if execution is None:
        raise console.Finding(
            f"s3://{uploaded.bucket}/{uploaded.key}: no run began within {START_TIMEOUT_SECONDS:.0f} s; "
            f"is the stack of {use_case} deployed in {env}? (make deploy ENV={env})"
        )
    if not follow_run:
        _tell(as_json, uploaded, execution, env, use_case)
        return
    with follow.display(console.stdout, silent=as_json) as shown:
        ended = follow.follow(execution, environment=environment, use_case=use_case, shown=shown)
    if as_json:
        console.print_json(runs_view.public(ended.record) if ended.record else {"execution_arn": execution})
    if ended.record is None or ended.record.status is Status.FAILED:
        raise typer.Exit(console.EXIT_FINDING)


def _tell(as_json: bool, uploaded: Upload, execution: str, env: str, use_case: str) -> None:
    if as_json:
        console.print_json({"bucket": uploaded.bucket, "key": uploaded.key, "execution_arn": execution})
        return
    console.stdout.print(f"uploaded  s3://{uploaded.bucket}/{uploaded.key}", soft_wrap=True)
    console.stdout.print(f"started   {execution}", soft_wrap=True)
    console.stdout.print(f"next      rft runs list --env {env} --use-case {use_case}", soft_wrap=True)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("submit")(submit)
