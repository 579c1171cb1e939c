"""RegisterRun: an upload becomes a run, or is found to be one that exists."""

from typing import Any

from rft.aws import execution_is_running, named_errors
from rft.runs.chunk_plan import chunks_to_scan
from rft.runs.config import FunctionConfig
from rft.runs.registration import new_record
from rft.runs.step import logger
from rft.runs.store import RunStore


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take `{bucket, key, execution_arn}`; return the run, whether it is a duplicate, chunks to scan, timing."""
    with named_errors():
        config = FunctionConfig.read()
        record = new_record(config, event["bucket"], event["key"], event["execution_arn"])
        store = RunStore(config.runs_table, config.use_case)
        registration = store.register(record, execution_is_running)
    stored = registration.record
    logger().info(
        "run registered", run_id=stored.run_id, attempt=stored.attempt, duplicate=registration.duplicate
    )
    return {
        "run_id": stored.run_id,
        "use_case": stored.use_case,
        "duplicate": registration.duplicate,
        "status": stored.status.value,
        "chunks": chunks_to_scan(stored),
        "timing": {
            "watch_interval_seconds": stored.settings.workflow.watch_interval_seconds,
            "approval_timeout_seconds": stored.settings.approvals.timeout_hours * 3600,
        },
    }
