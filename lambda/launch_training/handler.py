"""LaunchTraining: creates the customization job; repeated, it finds the one it created; after a crash, it adopts the
job that was left behind."""

from typing import Any

from rft.catalogue import check_bounds
from rft.engines.base import JobRequest
from rft.log_source import trains_on_logs
from rft.names import TRAIN, VALIDATION
from rft.runs.record import Job, now
from rft.runs.step import Event, Run, workflow_step


@workflow_step("LaunchTraining")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the job's ARN."""
    job = run.record.job or adopted(run) or launched(run)
    return {"job_arn": job.arn, "watch_interval_seconds": run.record.settings.workflow.watch_interval_seconds}


def adopted(run: Run) -> Job | None:
    """The job that an execution of this run left behind when it died, unless it came to nothing."""
    for name in reversed(run.record.adopts):
        found = run.engine.find_job(name)
        if found is not None and found.status in {"InProgress", "Completed"}:
            job = Job(name=name, arn=found.arn, launched_at=now())
            run.set("job", job)
            run.store.note(run.id, f"adopted job {name}, which an execution before this one launched")
            return job
    return None


def launched(run: Run) -> Job:
    """A new job."""
    check_bounds(run.settings.base_model, run.record.hyperparameters)
    # The event of a job's end leads to the run by the job's name, so the name is stored first.
    run.store.link_job(run.job_name, run.id)
    launched_at = now()
    job = Job(name=run.job_name, arn=run.engine.launch(request(run)), launched_at=launched_at)
    run.set("job", job)
    return job


def request(run: Run) -> JobRequest:
    """The job of this attempt; validation data is given when the dataset has some."""
    base = f"s3://{run.bucket}/"
    with_validation = VALIDATION in run.record.prepared
    logs = run.settings.dataset.invocation_logs
    return JobRequest(
        name=run.job_name,
        token=run.token(),
        base_model_arn=run.base_model_arn,
        role_arn=run.config.job_role_arn,
        train_uri=base + run.keys.dataset(TRAIN),
        validation_uri=base + run.keys.dataset(VALIDATION) if with_validation else None,
        output_uri=base + run.keys.output,
        reward_function_arn=run.record.reward.function_arn,
        hyperparameters=run.record.hyperparameters,
        kms_key_arn=run.config.kms_key_arn,
        tags=run.tags,
        logs=logs.training_data() if logs and trains_on_logs(run.record.dataset[TRAIN].key) else None,
    )
