"""`rft runs stop`: stops the training job of a run, whatever engine trains it."""

from typing import Annotated

import typer

from rft.cli import console, project, runs_view
from rft.engines import engine_for


def stop(
    run: Annotated[str, typer.Argument(help="Run id, or its beginning.")],
    env: console.Environment = "dev",
    use_case: Annotated[
        str | None, typer.Option("--use-case", help="Use case; all of the project's by default.")
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Stop a run's training job; the run then ends as FAILED with TrainingStopped and cleans up after itself."""
    record = runs_view.find(project.connect(env), run, use_case)
    if record.job is None:
        raise console.Finding(f"run {record.run_id} has no training job; it is in {record.state}")
    engine = engine_for(record.settings.use_case.model)
    if not engine.stop(record.job.arn):
        raise console.Finding(f"job {record.job.name} is over already; see: rft runs show {record.run_id}")
    kept = engine.capabilities.stop_keeps_model
    if as_json:
        console.print_json({"run_id": record.run_id, "job": record.job.name, "keeps_checkpoints": kept})
        return
    told = "its checkpoints stay usable" if kept else "it leaves no model and costs the tokens used so far"
    console.stdout.print(f"stopping  {record.job.name}; {told}", soft_wrap=True)
