"""Custom model deployments: create, watch, swap the model in place, delete."""

from typing import Any, Final

from rehearsal.bedrock.clock import Clock, now
from rehearsal.bedrock.errors import ServiceError, invalid
from rehearsal.bedrock.faults import FaultTable
from rehearsal.bedrock.pages import page
from rehearsal.bedrock.port import Scope
from rehearsal.bedrock.store import Deployment, Model, Store, new_id

CREATION_SECONDS: Final = 150.0  # simulated
WARM_UP_SECONDS: Final = 20.0  # simulated, after Active: the first invocations meet ModelNotReadyException
UPDATE_SECONDS: Final = 90.0  # simulated
MAX_DEPLOYMENTS: Final = 10
MAX_CREATING: Final = 2


class Deployments:
    """The deployment operations; statuses follow from the clock whenever somebody looks."""

    def __init__(self, store: Store, clock: Clock, faults: FaultTable) -> None:
        self._store, self._clock, self._faults = store, clock, faults

    def create(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        return {
            "customModelDeploymentArn": self._store.once(
                scope, "CreateCustomModelDeployment", params, lambda: self._create(scope, params)
            )
        }

    def _create(self, scope: Scope, params: dict[str, Any]) -> str:
        model = self._store.model(scope, params["modelArn"])
        mine = [self._refresh(d) for d in self._store.deployments.values() if d.scope == scope]
        name = params["modelDeploymentName"]
        if any(deployment.name == name for deployment in mine):
            # The operation declares no ConflictException, so the service can only say this.
            raise invalid(f"modelDeploymentName: a deployment named {name} exists already; use another name")
        if len(mine) >= MAX_DEPLOYMENTS:
            raise _quota("custom model deployments", MAX_DEPLOYMENTS)
        if sum(deployment.status == "Creating" for deployment in mine) >= MAX_CREATING:
            raise _quota("custom model deployments with a creating status", MAX_CREATING)
        arn = f"arn:aws:bedrock:{scope.region}:{scope.account}:custom-model-deployment/{new_id()}"
        self._store.deployments[arn] = Deployment(
            arn,
            name,
            scope,
            model.arn,
            params.get("description"),
            self._clock.after(CREATION_SECONDS),
            self._clock.after(CREATION_SECONDS + WARM_UP_SECONDS),
            will_fail=self._faults.spend("fail_deployment", "count"),
        )
        self._store.tag(arn, params.get("tags"))
        return arn

    def get(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        found = self._refresh(self._store.deployment(scope, params["customModelDeploymentIdentifier"]))
        details = None
        if found.update_status and found.update_model_arn:
            details = {"modelArn": found.update_model_arn, "updateStatus": found.update_status}
        return {
            "customModelDeploymentArn": found.arn,
            "modelDeploymentName": found.name,
            "modelArn": found.model_arn,
            "createdAt": found.created,
            "status": found.status,
            "description": found.description,
            "updateDetails": details,
            "failureMessage": _failure(found),
            "lastUpdatedAt": found.updated,
        }

    def list(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {
                "customModelDeploymentArn": found.arn,
                "customModelDeploymentName": found.name,
                "modelArn": found.model_arn,
                "createdAt": found.created,
                "status": self._refresh(found).status,
                "lastUpdatedAt": found.updated,
                "failureMessage": _failure(found),
            }
            for found in self._store.deployments.values()
            if found.scope == scope and params.get("modelArnEquals") in (None, found.model_arn)
        ]
        chosen, token = page(rows, params, "createdAt", "customModelDeploymentName")
        return {"modelDeploymentSummaries": chosen, "nextToken": token}

    def update(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        found = self._refresh(self._store.deployment(scope, params["customModelDeploymentIdentifier"]))
        model = self._store.model(scope, params["modelArn"])
        if found.status != "Active" or found.update_status == "Updating":
            raise invalid("The deployment must be Active and not in an update; wait, then repeat the update.")
        found.update_model_arn, found.update_status = model.arn, "Updating"
        found.update_at = self._clock.after(UPDATE_SECONDS)
        found.update_will_fail = self._faults.spend("fail_update", "count")
        found.updated = now()
        return {"customModelDeploymentArn": found.arn}

    def delete(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        found = self._refresh(self._store.deployment(scope, params["customModelDeploymentIdentifier"]))
        if found.status == "Creating" or found.update_status == "Updating":
            raise ServiceError(
                "ConflictException", "The deployment is being created or updated; delete it later."
            )
        del self._store.deployments[found.arn]
        self._store.tags.pop(found.arn, None)
        return {}

    def serving(self, scope: Scope, arn: str) -> Model:
        """Return the model that answers behind a deployment.

        Raises:
            ServiceError: ResourceNotFoundException, or ModelNotReadyException before and during warm-up.
        """
        with self._store.lock:
            found = self._refresh(self._store.deployment(scope, arn))
            if found.status == "Failed":
                raise ServiceError(
                    "ResourceNotFoundException", "The deployment has failed; it serves no model."
                )
            if found.status == "Creating" or not self._clock.passed(found.warm_at):
                raise ServiceError(
                    "ModelNotReadyException", "The model is not ready for inference; try again."
                )
            return self._store.model(scope, found.model_arn)

    def _refresh(self, found: Deployment) -> Deployment:
        if found.status == "Creating" and self._clock.passed(found.active_at):
            found.status, found.updated = ("Failed" if found.will_fail else "Active"), now()
        if found.update_status == "Updating" and self._clock.passed(found.update_at):
            found.update_status = "UpdateFailed" if found.update_will_fail else "UpdateCompleted"
            found.updated = now()
            if not found.update_will_fail and found.update_model_arn:
                found.model_arn = found.update_model_arn
        return found


def _failure(found: Deployment) -> str | None:
    if found.status == "Failed":
        return "The deployment could not be created (injected by the rehearsal)."
    if found.update_status == "UpdateFailed":
        return "The deployment could not be updated and serves its former model (injected by the rehearsal)."
    return None


def _quota(what: str, limit: int) -> ServiceError:
    return ServiceError("ServiceQuotaExceededException", f"You have reached the limit of {limit} {what}.")
