"""The run record: everything that is known of one run, as one typed document.

Times are ISO 8601 in UTC with milliseconds, money is USD, rewards and shares lie in [0, 1].
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from rft.runs.cost_parts import Estimate, Plan
from rft.runs.part import Part
from rft.runs.probe_part import Probe
from rft.settings import RunSettings


class Status(StrEnum):
    """What became of a run."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    HELD = "HELD"
    FAILED = "FAILED"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class DatasetObject(Part):
    """One uploaded file in the exact version that the run uses."""

    bucket: str
    key: str
    version_id: str
    sha256: str
    size_bytes: int
    records: int | None = None


class PreparedFile(Part):
    """One file of the run's own copy in the artifacts bucket."""

    key: str
    sha256: str
    records: int
    prompt_characters: float = 0.0  # mean a prompt
    longest_prompt_characters: int = 0
    too_long: int = 0  # prompts that Bedrock will drop for `maxPromptLength`


class RewardVersion(Part):
    """The published version of the reward function that every step of the run uses."""

    function_arn: str
    code_sha256: str


class Audit(Part):
    """The reward tried on known and worthless answers; `sha256` is of the report's bytes under `key`.

    `worst_probe` is the kind of worthless answer that earns most, `constant_mean` what the best answer earns
    that ignores the prompt.
    """

    checked: int
    mean: float
    passed: bool = True
    key: str = ""
    sha256: str = ""
    worst_probe: str = ""
    worst_probe_mean: float = 0.0
    constant_mean: float = 0.0
    latency_p99_ms: float = 0.0
    latency_mean_ms: float = 0.0


class Approval(Part):
    """A question to a person; `answer` is None while it is open.

    Then it is approved, rejected, refused (the environment's rules forbid the answer), expired, or withdrawn (the
    run ended for another reason). `approver` is the ARN that the answer names.
    """

    subject: str
    token: str
    asked_at: str
    expires_at: str | None = None
    answer: str | None = None
    answered_at: str | None = None
    approver: str | None = None
    reason: str = ""


class Job(Part):
    """The customization job of the current attempt."""

    name: str
    arn: str
    launched_at: str
    status: str = "InProgress"
    model_arn: str | None = None
    failure_message: str | None = None
    ended_at: str | None = None


class Deployment(Part):
    """A custom model deployment that the run made or moved."""

    name: str
    arn: str
    model_arn: str
    created_at: str = ""
    previous_model_arn: str | None = None  # only of the stable one: what a rollback goes back to
    observed: bool = False  # only of the stable one: it answered well after the promotion
    superseded: bool = False  # only of the stable one: another run was promoted before it was observed
    removed_at: str | None = None


class CheckpointScore(Part):
    """A model of the job, after `step` steps, on the validation sample."""

    step: int
    model_id: str
    mean: float
    standard_error: float
    chosen: bool


class TokenSpread(Part):
    """Lengths of answers in tokens: the shortest and longest tenth begin at `p10` and `p90`."""

    p10: float
    mean: float
    p90: float
    longest: float


class Evaluation(Part):
    """Summary of one phase; the means are by target ("base", "candidate")."""

    phase: str
    prompts: int
    failed: int
    samples: int = 0
    mean_by_target: dict[str, float]
    zero_share_by_target: dict[str, float] = {}
    characters_by_target: dict[str, float] = {}
    mean_by_slice: dict[str, dict[str, float]] = {}
    mean_by_component: dict[str, dict[str, float]] = {}
    output_tokens_by_target: dict[str, float] = {}
    output_token_spread: TokenSpread | None = None  # of the base's answers
    zero_signal_share: float | None = None  # of the base's prompts; None with one sample a prompt
    key: str = ""


class GateVerdict(Part):
    """The comparison of candidate and base; the bounds enclose the mean paired difference."""

    decision: str
    reasons: list[str]
    difference: float
    lower: float
    upper: float
    confidence: float
    prompts: int


class StopReason(Part):
    """A detector's finding: its statistic beyond its threshold, and the numbers behind it."""

    detector: str
    statistic: float
    threshold: float
    words: str
    source: str
    enforced: bool
    evidence: dict[str, float] = {}


class StopAdvice(Part):
    """What the stop policy found while the job ran; `told` are the findings that people were notified of.

    `reason` and `explanation` are of all reasons in one line; `checkpoint_step` has the best validation reward.
    """

    at: str
    action: str
    step: int | None = None
    reason: str
    explanation: str = ""
    enforced: bool
    reasons: list[StopReason] = []
    checkpoint_step: int | None = None
    told: list[str] = []


class Failure(Part):
    """Why a run failed: the workflow's state, the error's name, and a one-line cause."""

    state: str
    error: str
    cause: str


class Moment(Part):
    """A step of the workflow and when it began."""

    state: str
    at: str


class DatasetCheck(Part):
    """What the validation of the dataset found; `report` (JSON) and `page` (HTML) are S3 URIs."""

    errors: int
    warnings: int
    report: str
    page: str


class RunRecord(Part):
    """One run. `state` is the step it is in, `status` what became of it, `adopts` the names of jobs that executions of
    this run launched, or may have, before they died."""

    run_id: str
    fingerprint: str
    use_case: str
    environment: str
    status: Status = Status.RUNNING
    state: str = "RegisterRun"
    attempt: int = Field(default=1, ge=1)
    execution_arn: str
    dataset: dict[str, DatasetObject]
    settings: RunSettings
    reward: RewardVersion
    prepared: dict[str, PreparedFile] = {}
    validation: DatasetCheck | None = None
    audit: Audit | None = None
    probe: Probe | None = None
    plan: Plan | None = None
    estimate: Estimate | None = None
    forced: str | None = None  # why the same content is trained again
    uploader: str | None = None  # the ARN that the upload's metadata names
    spent_usd: float | None = None  # known part of what an ended run has cost
    approval: Approval | None = None
    approvals: list[Approval] = []  # the questions before `approval`
    job: Job | None = None
    job_token: str | None = None
    advice: StopAdvice | None = None
    checkpoints: list[CheckpointScore] = []  # among which the candidate was chosen; empty without a choice
    candidate: Deployment | None = None
    stable: Deployment | None = None
    evaluations: dict[str, Evaluation] = {}
    gate: GateVerdict | None = None
    smoke_reward: float | None = None
    failure: Failure | None = None
    notes: list[str] = []
    timeline: list[Moment] = []
    adopts: list[str] = []
    duplicates: int = 0
    created_at: str
    updated_at: str

    @property
    def questions(self) -> list[Approval]:
        """All that people were asked in this attempt, oldest first."""
        return [*self.approvals, *([self.approval] if self.approval else [])]

    @property
    def hyperparameters(self) -> dict[str, int | float | str]:
        """What the job gets: the plan's, or before there is one what the use case says."""
        return self.plan.api() if self.plan else self.settings.use_case.hyperparameters.api()

    def document(self) -> dict[str, Any]:
        """JSON, as stored and printed."""
        return self.model_dump(mode="json")
