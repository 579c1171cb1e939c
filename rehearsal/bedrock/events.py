"""The event that Bedrock sends when a customization job changes its status."""

import logging
from datetime import datetime
from typing import Any, Final

from rehearsal.bedrock.faults import FaultTable
from rehearsal.bedrock.port import Port
from rehearsal.bedrock.store import Job

DETAIL_TYPE: Final = "Model Customization Job State Change"
ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})
_LOG = logging.getLogger(__name__)


def detail(job: Job) -> dict[str, Any]:
    """The event's detail; note `jobStatus`, where the API says `status`."""
    request = job.request
    return {
        "version": "0.0",
        "jobName": job.name,
        "jobArn": job.arn,
        "outputModelName": request["customModelName"],
        "outputModelArn": job.model_arn or "",
        "roleArn": request["roleArn"],
        "jobStatus": job.status,
        "failureMessage": job.failure_message or "",
        "creationTime": _time(job.created),
        "lastModifiedTime": _time(job.modified),
        "endTime": _time(job.ended),
        "baseModelArn": job.base_model_arn,
        "hyperParameters": (request["customizationConfig"]["rftConfig"].get("hyperParameters") or {}),
        "trainingDataConfig": request["trainingDataConfig"],
        "validationDataConfig": request.get("validationDataConfig") or {"validators": []},
        "outputDataConfig": request["outputDataConfig"],
    }


def _time(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def announce(port: Port, faults: FaultTable, job: Job) -> None:
    """Send the event; best effort, as the service's own delivery is."""
    ended = job.status in ENDED
    if ended and faults.get("lose_end_event") is not None:
        return
    for _ in range(2 if ended and faults.get("duplicate_end_event") is not None else 1):
        try:
            port.put_event(job.scope, DETAIL_TYPE, detail(job))
        except Exception as error:
            _LOG.warning("event of job %s was not delivered: %s", job.identity, type(error).__name__)
