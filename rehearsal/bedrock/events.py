"""The event that Bedrock sends when a customization job changes its status."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final

from rehearsal.bedrock.errors import place
from rehearsal.bedrock.faults import FaultTable
from rehearsal.bedrock.port import Port, Scope
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


class Announcer:
    """Sends a job's events in the order of its changes, on its own thread, as delivery invokes targets."""

    def __init__(self, port: Port, faults: FaultTable) -> None:
        self._port, self._faults = port, faults
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="bedrock-events")

    def announce(self, job: Job) -> None:
        """Queue the event of the job's present status, as often as the faults in force say."""
        times = 1
        if job.status in ENDED:
            times = 0 if self._faults.get("lose_end_event") is not None else times
            times = 2 * times if self._faults.get("duplicate_end_event") is not None else times
        present = detail(job)
        for _ in range(times):
            self._queue.submit(self._send, job.scope, present)

    def flush(self) -> None:
        """Wait until everything queued so far is delivered."""
        self._queue.submit(lambda: None).result()

    def _send(self, scope: Scope, present: dict[str, Any]) -> None:
        try:
            self._port.put_event(scope, DETAIL_TYPE, present)
        except Exception as error:  # noqa: BLE001 - best effort, as the service's own delivery is
            _LOG.warning("an event of job %s was not delivered: %s", present["jobName"], place(error))
