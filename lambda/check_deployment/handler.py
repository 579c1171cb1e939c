"""CheckCandidate and CheckPromotion: whether a deployment serves the new model yet."""

from datetime import UTC, datetime
from typing import Any, Final

from rft.errors import DeploymentFailed
from rft.runs.step import Event, Run, workflow_step

STABLE: Final = "stable"
MAX_SECONDS: Final = 2 * 3600  # AWS gives no figure; deployments take minutes


@workflow_step(None)
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, which}`, which being "candidate" or "stable"; return whether it is ready."""
    wanted = run.record.candidate if event["which"] == "candidate" else run.record.stable
    if wanted is None:
        raise DeploymentFailed(f"the run has no {event['which']} deployment; submit the dataset again")
    state = run.engine.find_deployment(wanted.arn)
    if state is None:
        raise DeploymentFailed(f"deployment {wanted.name} is gone; somebody deleted it")
    if state.status == "Failed":
        raise DeploymentFailed(
            f"deployment {wanted.name}: {state.failure_message or 'Bedrock gives no reason'}"
        )
    if event["which"] == STABLE and state.model_arn != wanted.model_arn:
        run.set((STABLE, "superseded"), True)
        run.store.note(
            run.id, "another run was promoted right after this one, and observes the stable deployment"
        )
        return {"ready": True}
    ready = state.status == "Active" and state.serves == wanted.model_arn
    age = datetime.now(UTC) - datetime.fromisoformat(wanted.created_at)
    if not ready and age.total_seconds() > MAX_SECONDS:
        raise DeploymentFailed(f"deployment {wanted.name} is still {state.status} after {MAX_SECONDS} s")
    return {"ready": ready}
