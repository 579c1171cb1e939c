"""Model customization jobs: create, describe, list, stop."""

from collections.abc import Callable
from typing import Any, Final

from rehearsal.bedrock.errors import ServiceError, invalid
from rehearsal.bedrock.pages import page
from rehearsal.bedrock.port import Scope
from rehearsal.bedrock.store import Job, Store, new_id
from rehearsal.bedrock.trainer import DEFAULTS
from rft.catalogue import MODELS

MAX_RUNNING: Final = 10
RUNNING: Final = frozenset({"InProgress", "Stopping"})
PHASES: Final = ("validationDetails", "dataProcessingDetails", "trainingDetails")


class Jobs:
    """The job operations; `start` runs a created job, `changed` tells of a change of its status."""

    def __init__(self, store: Store, start: Callable[[Job], None], changed: Callable[[Job], None]) -> None:
        self._store, self._start, self._changed = store, start, changed

    def create(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        arn = self._store.once(
            scope, "CreateModelCustomizationJob", params, lambda: self._create(scope, params)
        )
        return {"jobArn": arn}

    def _create(self, scope: Scope, params: dict[str, Any]) -> str:
        base = _base_model(scope, params["baseModelIdentifier"])
        _check_customization(params)
        mine = [job for job in self._store.jobs.values() if job.scope == scope]
        if any(job.name == params["jobName"] for job in mine):
            raise ServiceError("ConflictException", f"The job name {params['jobName']} is in use.")
        model_name = params["customModelName"]
        taken = {model.name for model in self._store.models.values() if model.scope == scope}
        taken |= {job.request["customModelName"] for job in mine if job.status in RUNNING}
        if model_name in taken:
            raise ServiceError("ConflictException", f"The model name {model_name} is in use.")
        if sum(job.status in RUNNING for job in mine) >= MAX_RUNNING:
            raise ServiceError(
                "ServiceQuotaExceededException",
                f"You have reached the limit of {MAX_RUNNING} customization jobs.",
            )
        identity = new_id()
        arn = f"arn:aws:bedrock:{scope.region}:{scope.account}:model-customization-job/{base}/{identity}"
        job = Job(arn, identity, scope, params, f"arn:aws:bedrock:{scope.region}::foundation-model/{base}")
        job.phases = dict.fromkeys(PHASES, "NotStarted")
        self._store.jobs[arn] = job
        self._store.tag(arn, params.get("jobTags"))
        self._start(job)
        return arn

    def get(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        job = self._store.job(scope, params["jobIdentifier"])
        request = job.request
        result = {
            "jobArn": job.arn,
            "jobName": job.name,
            "outputModelName": request["customModelName"],
            "outputModelArn": job.model_arn,
            "clientRequestToken": request.get("clientRequestToken"),
            "roleArn": request["roleArn"],
            "status": job.status,
            "statusDetails": _details(job),
            "failureMessage": job.failure_message,
            "creationTime": job.created,
            "lastModifiedTime": job.modified,
            "endTime": job.ended,
            "baseModelArn": job.base_model_arn,
            "hyperParameters": {},
            "validationDataConfig": request.get("validationDataConfig") or {"validators": []},
            "outputModelKmsKeyArn": request.get("customModelKmsKeyId"),
        }
        copied = (
            "trainingDataConfig",
            "outputDataConfig",
            "customizationType",
            "vpcConfig",
            "customizationConfig",
        )
        return {**result, **{name: request.get(name) for name in copied}}

    def list(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        rows = [
            {
                "jobArn": job.arn,
                "baseModelArn": job.base_model_arn,
                "jobName": job.name,
                "status": job.status,
                "statusDetails": _details(job),
                "lastModifiedTime": job.modified,
                "creationTime": job.created,
                "endTime": job.ended,
                "customModelArn": job.model_arn,
                "customModelName": job.request["customModelName"],
                "customizationType": job.request["customizationType"],
            }
            for job in self._store.jobs.values()
            if job.scope == scope
        ]
        chosen, token = page(rows, params, "creationTime", "jobName")
        return {"modelCustomizationJobSummaries": chosen, "nextToken": token}

    def stop(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        job = self._store.job(scope, params["jobIdentifier"])
        if job.status not in RUNNING:
            raise ServiceError("ConflictException", f"The job is {job.status} and can no longer be stopped.")
        if job.status == "InProgress":
            job.status = "Stopping"
            job.stop_requested.set()
            self._changed(job)
        return {}


def _details(job: Job) -> dict[str, Any]:
    return {
        phase: {"status": status, "creationTime": job.created, "lastModifiedTime": job.modified}
        for phase, status in job.phases.items()
    }


def _base_model(scope: Scope, identifier: str) -> str:
    plain = identifier.rpartition("foundation-model/")[2]
    found = MODELS.get(plain)
    if found is None or found.engine != "nova":
        raise invalid(
            f"baseModelIdentifier: {plain} does not support reinforcement fine-tuning with this operation"
        )
    if scope.region not in found.regions or (identifier != plain and f":{scope.region}:" not in identifier):
        raise invalid(f"baseModelIdentifier: {plain} can be customized in {', '.join(found.regions)} only")
    return plain


def _check_customization(params: dict[str, Any]) -> None:
    if params.get("customizationType") != "REINFORCEMENT_FINE_TUNING":
        raise invalid("customizationType: the rehearsal knows REINFORCEMENT_FINE_TUNING only")
    config = params.get("customizationConfig") or {}
    rft = config.get("rftConfig")
    if rft is None:
        raise invalid("customizationConfig.rftConfig: required for REINFORCEMENT_FINE_TUNING")
    if not rft.get("graderConfig"):
        raise invalid("customizationConfig.rftConfig.graderConfig: required for REINFORCEMENT_FINE_TUNING")
    if params.get("hyperParameters"):
        raise invalid(
            "hyperParameters: belongs into customizationConfig.rftConfig.hyperParameters for this type"
        )
    if len(params["trainingDataConfig"]) != 1:
        raise invalid("trainingDataConfig.s3Uri: either this or invocationLogsConfig must be given")
    for name in ("maxPromptLength", "inferenceMaxTokens"):
        value = (rft.get("hyperParameters") or {}).get(name, DEFAULTS[name])
        if value < 1:
            raise invalid(f"customizationConfig.rftConfig.hyperParameters.{name}: must be at least 1")
