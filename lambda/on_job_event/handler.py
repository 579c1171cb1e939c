"""OnJobEvent: Bedrock's state-change event completes the waiting task; duplicates and strangers do not."""

from typing import Any

from rft import aws
from rft.errors import RunNotFound
from rft.runs.config import FunctionConfig
from rft.runs.step import logger
from rft.runs.store import RunStore

OVER = frozenset({"Completed", "Failed", "Stopped"})


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take the EventBridge event; return whether it completed a waiting task."""
    detail = event["detail"]
    completed = False
    with aws.named_errors():
        token = _token(str(detail.get("jobName", ""))) if detail.get("jobStatus") in OVER else None
        if token is not None:
            completed = aws.send_task_success(token, {"status": detail["jobStatus"]})
    logger().info("job event", job=detail.get("jobName"), status=detail.get("jobStatus"), completed=completed)
    return {"completed_token": completed}


def _token(job_name: str) -> str | None:
    config = FunctionConfig.read()
    store = RunStore(config.runs_table, config.use_case)
    run_id = store.run_of_job(job_name)
    if run_id is None:
        return None
    try:
        record = store.get(run_id)
    except RunNotFound:
        return None
    # A late event of an earlier attempt must not wake the present one.
    return record.job_token if record.job is not None and record.job.name == job_name else None
