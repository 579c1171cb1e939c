"""Moves the use case's stable deployment to a model, remembering the way back before moving."""

from typing import Final

from rft import aws
from rft.engines.base import DeploymentState
from rft.runs.record import Deployment, now
from rft.runs.settling import SETTLED, settled
from rft.runs.step import Run

REFUSALS: Final = frozenset(
    {"ValidationException", "ConflictException"}
)  # of a deployment that is being moved


def promote(run: Run, model_arn: str) -> str:
    """Let the stable deployment serve a model, creating it the first time; return its ARN.

    The record is written before Bedrock is called: whatever happens in between can be rolled back. Repeating
    the call keeps the way back that the first one found.

    Raises:
        ServiceUnavailableException: while another run's promotion is under way; the state machine tries again.
    """
    name, engine = run.config.names.stable_deployment, run.engine
    existing = settled(engine, name)
    if existing is not None and existing.status not in SETTLED:
        raise aws.ServiceUnavailableException(_busy(existing))
    before = run.record.stable
    if run.record.stable is None or run.record.stable.model_arn != model_arn:
        previous = existing.serves if existing else _announced(run)
        stable = Deployment(
            name=name,
            arn=existing.arn if existing else "",
            model_arn=model_arn,
            created_at=now(),
            previous_model_arn=previous if previous != model_arn else None,
        )
        run.set("stable", stable)
    if existing is not None and existing.serves is None and existing.status == "Failed":
        engine.remove_deployment(existing.arn)  # it never answered, so nobody depends on it
        existing = None
    if existing is None:
        arn = engine.deploy(name, model_arn, f"{run.token()}-stable", run.tags)
    else:
        arn = existing.arn
        if existing.model_arn != model_arn or existing.status == "Failed":
            _move(run, arn, model_arn, before)
    run.set(("stable", "arn"), arn)
    return arn


def _move(run: Run, arn: str, model_arn: str, before: Deployment | None) -> None:
    """Move the deployment, unless another run was faster: then forget the way back, which is no longer true."""
    try:
        run.engine.move_deployment(arn, model_arn)
    except Exception as error:
        present = run.engine.find_deployment(arn)
        if aws.code_of(error) not in REFUSALS or present is None or present.status in SETTLED:
            raise
        run.set("stable", before)
        raise aws.ServiceUnavailableException(_busy(present)) from error


def _busy(state: DeploymentState) -> str:
    return f"deployment {state.arn} is {state.status}: another run is being promoted"


def _announced(run: Run) -> str | None:
    """The model that callers use until now, where models need no deployment: the parameter holds its id."""
    if run.engine.capabilities.needs_deployment:
        return None
    return aws.get_parameter(run.config.deployment_parameter)
