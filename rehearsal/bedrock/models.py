"""Custom models, and the tags of every resource."""

from typing import Any, Final

from rehearsal.bedrock.errors import ServiceError, missing
from rehearsal.bedrock.pages import page
from rehearsal.bedrock.port import Scope
from rehearsal.bedrock.store import Model, Store

MAX_TAGS: Final = 50


class Models:
    """The operations on custom models."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        model = self._store.model(scope, params["modelIdentifier"])
        request = model.job.request
        copied = (
            "trainingDataConfig",
            "validationDataConfig",
            "outputDataConfig",
            "customizationType",
            "customizationConfig",
        )
        return {
            "modelArn": model.arn,
            "modelName": model.name,
            "jobName": model.job.name,
            "jobArn": model.job.arn,
            "baseModelArn": model.job.base_model_arn,
            "creationTime": model.created,
            "modelStatus": "Active",
            "modelKmsKeyArn": request.get("customModelKmsKeyId"),
            "hyperParameters": {},
            **{name: request.get(name) for name in copied},
        }

    def list(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        rows = [self._summary(model) for model in self._store.models.values() if model.scope == scope]
        base = params.get("baseModelArnEquals") or params.get("foundationModelArnEquals")
        rows = [row for row in rows if base in (None, row["baseModelArn"])]
        rows = [row for row in rows if params.get("modelStatus") in (None, row["modelStatus"])]
        chosen, token = page(rows, params, "creationTime", "modelName")
        return {"modelSummaries": chosen, "nextToken": token}

    @staticmethod
    def _summary(model: Model) -> dict[str, Any]:
        base = model.job.base_model_arn
        return {
            "modelArn": model.arn,
            "modelName": model.name,
            "creationTime": model.created,
            "baseModelArn": base,
            "baseModelName": base.rpartition("/")[2].partition(":")[0],
            "modelStatus": "Active",
            "customizationType": "REINFORCEMENT_FINE_TUNING",
            "ownerAccountId": model.scope.account,
        }

    def delete(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        model = self._store.model(scope, params["modelIdentifier"])
        users = [
            d.name for d in self._store.deployments.values() if model.arn in (d.model_arn, d.update_model_arn)
        ]
        if users:
            raise ServiceError(
                "ConflictException", f"The model is deployed as {', '.join(users)}; delete that first."
            )
        del self._store.models[model.arn]
        self._store.tags.pop(model.arn, None)
        return {}


class Tags:
    """The tagging operations."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def _of(self, scope: Scope, arn: str) -> dict[str, str]:
        store = self._store
        found = store.jobs.get(arn) or store.models.get(arn) or store.deployments.get(arn)
        if found is None or found.scope != scope:
            raise missing("the resource to tag")
        return self._store.tags.setdefault(arn, {})

    def add(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        arn = params["resourceARN"]
        if len({*self._of(scope, arn), *(tag["key"] for tag in params["tags"])}) > MAX_TAGS:
            raise ServiceError("TooManyTagsException", f"A resource has at most {MAX_TAGS} tags.")
        self._store.tag(arn, params["tags"])
        return {}

    def remove(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        tags = self._of(scope, params["resourceARN"])
        for key in params["tagKeys"]:
            tags.pop(key, None)
        return {}

    def list(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        tags = self._of(scope, params["resourceARN"])
        return {"tags": [{"key": key, "value": value} for key, value in sorted(tags.items())]}
