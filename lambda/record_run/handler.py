"""RecordRun: closes the run record, writes manifest and report, and words the notification."""

from typing import Any

from rft import objects
from rft.runs import approval, manifest
from rft.runs.failure import parse_failure
from rft.runs.notify import run_over
from rft.runs.record import RunRecord, Status
from rft.runs.spending import spent_usd
from rft.runs.step import Event, Run, logger, workflow_step


@workflow_step("RecordRun")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, execution_arn, outcome, failure}`; return status, subject and message."""
    failure = parse_failure(event["failure"]) if event.get("failure") else None
    if (closed := approval.close(run.record, failure)) is not None:
        run.set("approval", closed)
    # An execution that began before an update of the workflow passes no ARN.
    execution = event.get("execution_arn", run.record.execution_arn)
    run.store.finish(run.id, Status(event["outcome"]), failure, execution)
    settle(run, run.store.get(run.id))
    record = run.store.get(run.id)
    objects.put_bytes(
        run.bucket, run.keys.manifest, manifest.to_bytes(manifest.build(record)), "application/json"
    )
    write_report(run, record)
    message = run_over(record)
    return {"status": record.status.value, "subject": message.subject, "message": message.body}


def settle(run: Run, record: RunRecord) -> None:
    """Put what the run cost in the place of what was reserved for it; the month's budget gets the difference back."""
    spent = round(spent_usd(record), 4)
    run.ledger.settle(run.id, record.attempt, spent)
    run.set("spent_usd", spent)


def write_report(run: Run, record: RunRecord) -> None:
    """Write the report; a run does not fail for want of it."""
    try:
        from rft.runs.stored_report import CurrentReport

        log = run.config.names.log_group("reward")
        report = CurrentReport.read(record, run.bucket, run.keys, log)
        objects.put_bytes(run.bucket, run.keys.report, report.page().encode(), "text/html; charset=utf-8")
        if (image := report.image()) is not None:
            objects.put_bytes(run.bucket, run.keys.reward_image, image, "image/png")
    except Exception as error:  # noqa: BLE001 (whatever goes wrong is noted on the record)
        logger().exception("no report", run_id=run.id)
        run.store.note(run.id, f"no report could be written: {type(error).__name__}: {error}")
