"""`rft runs stop`: stops the training job of a run, whatever engine trains it."""

from typing import Annotated

import typer

from rft.cli import console, project, runs_view
from rft.engines import engine_for
from rft.runs import salvage


def stop(
    run: Annotated[str, typer.Argument(help="Run id, or its beginning.")],
    env: console.Environment = "dev",
    use_case: Annotated[
        str | None, typer.Option("--use-case", help="Use case; all of the project's by default.")
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Stop a run's training job; the run then ends as FAILED with TrainingStopped and cleans up after itself.

    After advice of the stop policy, and where the engine keeps checkpoints, the run goes on with the best of them.
    """
    record = runs_view.find(project.connect(env), run, use_case)
    if record.job is None:
        raise console.Finding(f"run {record.run_id} has no training job; it is in {record.state}")
    engine = engine_for(record.settings.use_case.model)
    if not engine.stop(record.job.arn):
        raise console.Finding(f"job {record.job.name} is over already; see: rft runs show {record.run_id}")
    kept, goes_on = (
        engine.capabilities.stop_keeps_model,
        salvage.is_worth_it(record.advice, engine.capabilities),
    )
    if as_json:
        found = {
            "run_id": record.run_id,
            "job": record.job.name,
            "keeps_checkpoints": kept,
            "goes_on": goes_on,
        }
        console.print_json(found)
        return
    told = "its checkpoints stay usable" if kept else "it leaves no model and costs the tokens used so far"
    if goes_on:
        told = "the best of its checkpoints, if it has any by now, goes to the gate"
    console.stdout.print(f"stopping  {record.job.name}; {told}", soft_wrap=True)
