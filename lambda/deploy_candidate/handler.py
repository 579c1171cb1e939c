"""DeployCandidate: gives the candidate an on-demand deployment of its own."""

from typing import Any

from rft.errors import DeploymentFailed
from rft.runs.record import Deployment, now
from rft.runs.step import Event, Run, workflow_step


@workflow_step("DeployCandidate")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the deployment's ARN."""
    model_arn = run.record.job.model_arn if run.record.job else None
    if model_arn is None:
        raise DeploymentFailed("the finished job names no model; look at the job in the Bedrock console")
    name = run.candidate_name
    arn = run.engine.deploy(name, model_arn, run.token(), run.tags)
    run.set("candidate", Deployment(name=name, arn=arn, model_arn=model_arn, created_at=now()))
    return {"deployment_arn": arn}
