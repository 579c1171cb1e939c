"""Promote: the stable deployment is made to serve the candidate's model."""

from typing import Any

from rft.errors import DeploymentFailed
from rft.runs.promotion import promote
from rft.runs.step import Event, Run, workflow_step


@workflow_step("Promote")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the stable deployment's ARN."""
    candidate = run.record.candidate
    if candidate is None:
        raise DeploymentFailed("the run has no candidate to promote; submit the dataset again")
    return {"deployment_arn": promote(run, candidate.model_arn)}
