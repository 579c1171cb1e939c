"""Fine-tuning jobs of the OpenAI-compatible API: the request, and what a job, an event, a checkpoint say."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from rft.engines.base import Checkpoint, JobRequest, JobState, JobStatus
from rft.monitoring.trace import Point

NAME_KEY: Final = "rft-job"  # of a job's metadata: the name that makes launching it twice one job
STATUSES: Final[Mapping[str, JobStatus]] = MappingProxyType(
    {
        "validating_files": "InProgress",
        "queued": "InProgress",
        "running": "InProgress",
        "succeeded": "Completed",
        "failed": "Failed",
        "cancelled": "Stopped",
    }
)
# The three that AWS documents, by the settings they come from; the service takes no other.
HYPERPARAMETERS: Final = MappingProxyType(
    {
        "epochCount": "n_epochs",
        "batchSize": "batch_size",
        "learningRateMultiplier": "learning_rate_multiplier",
    }
)
# Members of a metrics event's data, by the fields of a point.
METRICS: Final = MappingProxyType(
    {
        "step": "step",
        "total_steps": "total_steps",
        "critic_rewards_mean": "train_reward",
        "actor_pg_loss": "policy_loss",
        "actor_entropy": "policy_entropy",
        "actor_grad_norm": "grad_norm",
        "response_length_mean": "episode_length",
    }
)


def create_job_request(request: JobRequest, training_file: str) -> dict[str, Any]:
    """The members of `fine_tuning.jobs.create`; metadata has 16 pairs at most, as OpenAI documents."""
    tags = {key.replace(":", "-"): value for key, value in request.tags.items()}
    return {
        "model": request.base_model_id,
        "training_file": training_file,
        "metadata": {NAME_KEY: request.name, **tags},
        "method": {
            "type": "reinforcement",
            "reinforcement": {
                "grader": {"type": "lambda", "lambda": {"function": request.reward_function_arn}},
                "hyperparameters": hyperparameters(request.hyperparameters),
            },
        },
    }


def hyperparameters(chosen: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a run that the service takes, in its names."""
    return {theirs: chosen[ours] for ours, theirs in HYPERPARAMETERS.items() if ours in chosen}


def training_file_name(job_name: str) -> str:
    """Name of the uploaded train file: the job's own, so that an upload cut short by a crash is found again."""
    return f"{job_name}.jsonl"


def is_job_of(job: Any, name: str, files: Iterable[str]) -> bool:
    """Whether a job was launched under a name: by its metadata, or by its train file where metadata was not kept."""
    return (job.metadata or {}).get(NAME_KEY) == name or job.training_file in set(files)


def job_state(job: Any) -> JobState:
    """A job as the pipeline sees it; a status that nobody documented counts as running."""
    ended = job.finished_at
    return JobState(
        arn=job.id,
        status=STATUSES.get(job.status, "InProgress"),
        model_arn=job.fine_tuned_model,
        failure_message=job.error.message if job.error else None,
        ended_at=datetime.fromtimestamp(ended, UTC).isoformat() if ended else None,
    )


def points(events: Iterable[Any]) -> list[Point]:
    """The curve in a job's events, in whatever order they come; a step told twice is one point."""
    found: dict[int, Point] = {}
    for event in events:
        data = event.data
        if event.type == "metrics" and isinstance(data, Mapping) and "step" in data:
            point = Point.model_validate(
                {ours: data[theirs] for theirs, ours in METRICS.items() if theirs in data}
            )
            found[point.step] = point
    return [found[step] for step in sorted(found)]


def checkpoints(rows: Iterable[Any]) -> list[Checkpoint]:
    """Checkpoints by step."""
    found = [Checkpoint(row.step_number, row.fine_tuned_model_checkpoint) for row in rows]
    return sorted(found, key=lambda checkpoint: checkpoint.step)
