"""What the workflow asks of an engine, whatever service trains the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from rft.monitoring.trace import Point

FOUNDATION_MODEL: Final = "foundation-model/"  # what stands before the id in a base model's ARN
JobStatus = Literal["InProgress", "Completed", "Failed", "Stopping", "Stopped"]
DeploymentStatus = Literal["Creating", "Updating", "Active", "Failed"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do.

    `live_metrics`: metrics of a running job by API · `checkpoints`: usable models before the end ·
    `stop_keeps_model`: stopping leaves a model · `needs_deployment`: a model answers only when deployed.
    """

    live_metrics: bool
    checkpoints: bool
    stop_keeps_model: bool
    needs_deployment: bool


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A training job. URIs are `s3://…`; `token` makes repeating the request harmless; `logs`, where there are some,
    are trained on in the place of `train_uri`, in the shape of `invocationLogsConfig`."""

    name: str
    token: str
    base_model_arn: str
    role_arn: str
    train_uri: str
    validation_uri: str | None
    output_uri: str
    reward_function_arn: str
    hyperparameters: Mapping[str, Any]
    kms_key_arn: str
    tags: Mapping[str, str]
    logs: Mapping[str, Any] | None = None

    @property
    def base_model_id(self) -> str:
        return self.base_model_arn.rpartition(FOUNDATION_MODEL)[2]


@dataclass(frozen=True, slots=True)
class JobState:
    """A job as its service describes it; times are ISO 8601. `arn` is whatever names the job to its service."""

    arn: str
    status: JobStatus
    model_arn: str | None
    failure_message: str | None
    ended_at: str | None

    @property
    def is_over(self) -> bool:
        return self.status in {"Completed", "Failed", "Stopped"}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model as it was after `step` steps of a job, which answers under its own id."""

    step: int
    model_id: str


@dataclass(frozen=True, slots=True)
class DeploymentState:
    """A deployment as its service describes it. `model_arn` is what it serves or is to serve, `serves` what
    answers now: while a deployment is moved, and when moving it failed, that is the model before."""

    arn: str
    status: DeploymentStatus
    model_arn: str
    serves: str | None
    failure_message: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a model; `stop_reason` is the service's word."""

    text: str
    input_tokens: int
    output_tokens: int
    stop_reason: str


class TrainingEngine(Protocol):
    """Trains, deploys and asks models. Every method may raise the service's own exceptions."""

    @property
    def capabilities(self) -> Capabilities: ...

    def launch(self, request: JobRequest) -> str:
        """Start a job, or find the one that the same token started; return its ARN."""

    def find_job(self, name: str) -> JobState | None:
        """Return the job of a name, None when there is none."""

    def describe(self, job_arn: str) -> JobState:
        """Return the job's state."""

    def stop(self, job_arn: str) -> bool:
        """Ask for a stop; False when the job was over already."""

    def metrics(self, job_arn: str) -> list[Point]:
        """Return the curves of a job until now, by step; empty where the service tells none."""

    def checkpoints(self, job_arn: str) -> list[Checkpoint]:
        """Return the usable models from before the job's end, by step; empty where there are none."""

    def find_deployment(self, name_or_arn: str) -> DeploymentState | None:
        """Return a deployment, None when there is none."""

    def deploy(self, name: str, model_arn: str, token: str, tags: Mapping[str, str]) -> str:
        """Create a deployment, or find the one of that name and model; return its ARN."""

    def move_deployment(self, arn: str, model_arn: str) -> None:
        """Let an existing deployment serve another model."""

    def remove_deployment(self, name_or_arn: str) -> bool:
        """Delete a deployment; False when there was none."""

    def ask(
        self, model_id: str, prompt: Mapping[str, Any], temperature: float, max_tokens: int | None
    ) -> Answer:
        """Answer one prompt (members of `Converse`)."""


def tag_list(tags: Mapping[str, str]) -> Sequence[dict[str, str]]:
    """Tags as Bedrock takes them."""
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]
