"""DeployCandidate: chooses among the job's checkpoints, and gives the candidate a deployment of its own."""

from typing import Any

from rft.errors import DeploymentFailed
from rft.runs.candidate_choice import choose_model
from rft.runs.record import Deployment, now
from rft.runs.step import Event, Run, workflow_step


@workflow_step("DeployCandidate")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the deployment's ARN."""
    job = run.record.job
    if job is None:
        raise DeploymentFailed("the run has no customization job; submit the dataset again")
    # A repetition goes on with the choice that was made.
    chosen = [score.model_id for score in run.record.checkpoints if score.chosen]
    model_arn = chosen[0] if chosen else choose_model(run, job)
    name = run.candidate_name
    arn = run.engine.deploy(name, model_arn, run.token(), run.tags)
    run.set("candidate", Deployment(name=name, arn=arn, model_arn=model_arn, created_at=now()))
    return {"deployment_arn": arn}
