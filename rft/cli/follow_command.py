"""`rft runs follow`: watches a run live in the terminal, from whatever machine."""

from typing import Annotated

import typer

from rft.cli import console, follow, project, runs_view
from rft.runs.record import Status


def follow_run(
    run: Annotated[str, typer.Argument(help="Run id, or its beginning.")],
    env: console.Environment = "dev",
    use_case: Annotated[
        str | None, typer.Option("--use-case", help="Use case; all of the project's by default.")
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Show a run with its reward curves until it ends; Ctrl-C leaves it running."""
    environment = project.connect(env)
    record = runs_view.find(environment, run, use_case)
    with follow.display(console.stdout, silent=as_json) as shown:
        ended = follow.follow(
            record.execution_arn, environment=environment, use_case=record.use_case, shown=shown
        )
    if as_json:
        console.print_json(runs_view.public(ended.record or record))
    if (ended.record or record).status is Status.FAILED:
        raise typer.Exit(console.EXIT_FINDING)
