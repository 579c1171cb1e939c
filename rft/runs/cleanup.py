"""Leaves nothing of a run behind: no running job, no slot, no candidate, no unobserved promotion."""

from rft.engines.base import DeploymentState
from rft.errors import DeploymentFailed
from rft.runs.record import now
from rft.runs.settling import SETTLED, settled
from rft.runs.step import Run


def clean_up(run: Run, *, failed: bool) -> list[str]:
    """Clean up after a run and return what was done; a second call finds nothing left to do.

    Args:
        failed: roll back a promotion that was not observed to work; after a good end it stays.

    Raises:
        DeploymentFailed: when a deployment stays busy for too long to be removed or moved back.
    """
    done = []
    if failed and _stop_job(run):
        done.append("stopped the job")
    if run.slot.release():
        done.append("released the training slot")
    if failed and (told := _roll_back(run)):
        done.append(told)
    if _remove_candidate(run):
        done.append("removed the candidate's deployment")
    return done


def _stop_job(run: Run) -> bool:
    if run.record.job is not None:
        return run.engine.stop(run.record.job.arn)
    names = [*run.record.adopts]
    if any(moment.state == "LaunchTraining" for moment in run.record.timeline):
        names.append(run.job_name)  # launched, but its ARN was never stored
    lost = [state for name in names if (state := run.engine.find_job(name)) is not None]
    return sum(run.engine.stop(state.arn) for state in lost) > 0


def _roll_back(run: Run) -> str:
    stable = run.record.stable
    if stable is None or stable.observed or stable.removed_at is not None:
        return ""
    state = _settled(run, stable.name)
    told = ""
    if state is not None and state.model_arn == stable.model_arn:  # another run may have promoted since
        if stable.previous_model_arn is not None:
            run.engine.move_deployment(state.arn, stable.previous_model_arn)
            told = "moved the stable deployment back to the model before"
        elif run.engine.remove_deployment(state.arn):
            told = "removed the stable deployment, which had no model before"
    run.set(("stable", "removed_at"), now())
    return told


def _remove_candidate(run: Run) -> bool:
    candidate = run.record.candidate
    if candidate is None and all(moment.state != "DeployCandidate" for moment in run.record.timeline):
        return False
    state = _settled(run, run.candidate_name)
    removed = state is not None and run.engine.remove_deployment(state.arn)
    if candidate is not None and candidate.removed_at is None:
        run.set(("candidate", "removed_at"), now())
    return removed


def _settled(run: Run, name: str) -> DeploymentState | None:
    state = settled(run.engine, name)
    if state is not None and state.status not in SETTLED:
        raise DeploymentFailed(
            f"deployment {name} is still {state.status}; delete it in Bedrock once it has settled"
        )
    return state
