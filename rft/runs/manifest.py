"""The auditor's manifest: which data, reward and settings made a model, in one canonical document per run."""

from typing import Any, Final

from rft import __version__
from rft.runs import approval
from rft.runs.record import RunRecord
from rft.runs.run_id import canonical_json, digest

SCHEMA: Final = "rft-manifest/1"


def build(record: RunRecord) -> dict[str, Any]:
    """The manifest of a finished run; `sha256` is over the canonical JSON of all the rest."""
    settings = record.settings.use_case
    content = {
        "schema": SCHEMA,
        "pipeline_version": __version__,
        "run_id": record.run_id,
        "fingerprint": record.fingerprint,
        "use_case": record.use_case,
        "environment": record.environment,
        "attempt": record.attempt,
        "status": record.status.value,
        "execution_arn": record.execution_arn,
        "created_at": record.created_at,
        "dataset": {split: part.model_dump(mode="json") for split, part in record.dataset.items()},
        "prepared": {split: part.model_dump(mode="json") for split, part in record.prepared.items()},
        "uploader": record.uploader,
        "forced": record.forced,
        "approvals": [approval.public(asked) for asked in record.questions],
        "reward": record.reward.model_dump(mode="json"),
        "audit": record.audit.model_dump(mode="json") if record.audit else None,
        "base_model": settings.base_model,
        "engine": settings.model.engine,
        "hyperparameters": record.hyperparameters,
        "settings_sha256": digest(record.settings.model_dump(mode="json")),
        "job_arn": record.job.arn if record.job else None,
        "model_arn": record.job.model_arn if record.job else None,
        "evaluations": {phase: part.model_dump(mode="json") for phase, part in record.evaluations.items()},
        "gate": record.gate.model_dump(mode="json") if record.gate else None,
        "deployment": record.stable.model_dump(mode="json") if record.stable else None,
        "failure": record.failure.model_dump(mode="json") if record.failure else None,
    }
    return {**content, "sha256": digest(content)}


def to_bytes(manifest: dict[str, Any]) -> bytes:
    """The manifest as it is stored."""
    return canonical_json(manifest) + b"\n"


def is_intact(manifest: dict[str, Any]) -> bool:
    """Whether the manifest still is what was written."""
    content = {key: value for key, value in manifest.items() if key != "sha256"}
    return bool(manifest.get("sha256") == digest(content))
