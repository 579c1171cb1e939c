"""Deterministic names of everything the pipeline creates.

Stacks, handlers and the command line derive names from here, so that no cross-stack reference is needed and
no name is spelt twice. `environment` is dev, staging, prod or local; `use_case` is a folder of `use_cases/`.
"""

from dataclasses import dataclass
from typing import Final, Literal

PREFIX: Final = "rft"
NAME_PATTERN: Final = r"[a-z][a-z0-9]*(-[a-z0-9]+)*"
MAX_USE_CASE_LENGTH: Final = 24
MAX_ENVIRONMENT_LENGTH: Final = 10

TRAIN, VALIDATION, TEST, PROBE = "train", "validation", "test", "probe"
AUDIT: Final = "audit"  # the split of an audit's samples in the reward metrics
SPLITS: Final = (TRAIN, VALIDATION, TEST)
Phase = Literal["probe", "test"]

SIMULATED_ENVIRONMENT: Final = "local"  # the rehearsal: an emulated AWS with a simulated Bedrock

RECORD_KEY: Final = "rft"  # the reserved extra key of a prepared record: {run, split, prompt, slice}


def spend_key(environment: str) -> str:
    """Partition key of what an environment spends by month."""
    return f"SPEND#{environment}"


def use_case_spend_key(use_case: str) -> str:
    """Partition key of what a use case spends by month, and of its reservations."""
    return f"{use_case}#SPEND"


@dataclass(frozen=True, slots=True)
class EnvironmentNames:
    """Names of the resources of one environment's FoundationStack."""

    environment: str
    account: str
    region: str

    @property
    def foundation_stack(self) -> str:
        return f"{PREFIX}-{self.environment}-foundation"

    def _bucket(self, purpose: str) -> str:
        return f"{PREFIX}-{self.environment}-{purpose}-{self.account}-{self.region}"

    @property
    def datasets_bucket(self) -> str:
        return self._bucket("datasets")

    @property
    def artifacts_bucket(self) -> str:
        return self._bucket("artifacts")

    @property
    def access_logs_bucket(self) -> str:
        return self._bucket("logs")

    @property
    def runs_table(self) -> str:
        return f"{PREFIX}-{self.environment}-runs"

    @property
    def alert_topic(self) -> str:
        return f"{PREFIX}-{self.environment}-alerts"

    @property
    def key_alias(self) -> str:
        return f"alias/{PREFIX}-{self.environment}"

    @property
    def key_parameter(self) -> str:
        """Holds the ARN of the environment's key, so that use-case stacks need no cross-stack reference."""
        return f"/{PREFIX}/{self.environment}/kms-key-arn"

    @property
    def dead_letters(self) -> str:
        return f"{PREFIX}-{self.environment}-foundation-dead-letters"

    @property
    def training_slot(self) -> str:
        return f"SLOT#{self.environment}"


@dataclass(frozen=True, slots=True)
class UseCaseNames:
    """Names of the resources of one use case in one environment."""

    environment: str
    use_case: str

    @property
    def base(self) -> str:
        return f"{PREFIX}-{self.environment}-{self.use_case}"

    @property
    def stack(self) -> str:
        return self.base

    @property
    def pipeline(self) -> str:
        return f"{self.base}-pipeline"

    @property
    def evaluation(self) -> str:
        return f"{self.base}-evaluation"

    @property
    def watch(self) -> str:
        return f"{self.base}-watch"

    @property
    def after_abort(self) -> str:
        return f"{self.base}-after-abort"

    @property
    def job_role(self) -> str:
        return f"{self.base}-job"

    @property
    def reward_function(self) -> str:
        return f"{self.base}-reward"

    @property
    def executor_function(self) -> str:
        return f"{self.base}-executor"

    def function(self, name: str) -> str:
        """Name of the workflow function whose folder is `lambda/<name>`; at most 64 characters."""
        return f"{self.base}-{name.replace('_', '-')}"

    def log_group(self, name: str) -> str:
        return f"/aws/lambda/{self.function(name)}"

    def _parameter(self, leaf: str) -> str:
        return f"/{PREFIX}/{self.environment}/{self.use_case}/{leaf}"

    @property
    def settings_parameter(self) -> str:
        return self._parameter("settings")

    @property
    def deployment_parameter(self) -> str:
        """Holds the ARN of the stable deployment; written by the promotion, not by CloudFormation."""
        return self._parameter("deployment-arn")

    @property
    def dead_letters(self) -> str:
        return f"{self.base}-dead-letters"

    def alarm(self, what: str) -> str:
        return f"{self.base}-{what}"

    @property
    def stable_deployment(self) -> str:
        return self.base

    def job(self, run_id: str, attempt: int) -> str:
        """Name of the customization job, and of the custom model it makes; at most 63 characters."""
        return f"{self.base}-{run_token(run_id, attempt)}"

    def candidate_deployment(self, run_id: str, attempt: int) -> str:
        return f"{self.job(run_id, attempt)}"


def run_token(run_id: str, attempt: int) -> str:
    """Idempotency token of one attempt at a run: the run id, with the attempt from the second on."""
    return run_id if attempt == 1 else f"{run_id}-{attempt}"


def dataset_key(use_case: str, dataset: str, split: str) -> str:
    return f"{use_case}/{dataset}/{split}.jsonl"


@dataclass(frozen=True, slots=True)
class RunKeys:
    """Object keys of one run in the artifacts bucket."""

    use_case: str
    run_id: str

    @property
    def prefix(self) -> str:
        return f"{self.use_case}/runs/{self.run_id}"

    def dataset(self, split: str) -> str:
        return f"{self.prefix}/dataset/{split}.jsonl"

    @property
    def validation_report(self) -> str:
        return f"{self.prefix}/validation.json"

    @property
    def validation_page(self) -> str:
        return f"{self.prefix}/validation.html"

    def validation_part(self, split: str, start: int) -> str:
        """What the chunk that begins at byte `start` of a file gave."""
        return f"{self.prefix}/validation/parts/{split}-{start:012d}.msgpack"

    @property
    def trace(self) -> str:
        """The curves of the job as JSON Lines (`rft/monitoring/trace.py`)."""
        return f"{self.prefix}/trace.jsonl"

    @property
    def trace_state(self) -> str:
        return f"{self.prefix}/trace_state.json"

    @property
    def probe_report(self) -> str:
        return f"{self.prefix}/probe.json"

    @property
    def probe_page(self) -> str:
        return f"{self.prefix}/probe.html"

    @property
    def audit_report(self) -> str:
        return f"{self.prefix}/audit.json"

    def evaluation_part(self, phase: str, first_index: int) -> str:
        return f"{self.evaluation_parts(phase)}{first_index:06d}.jsonl"

    def evaluation_parts(self, phase: str) -> str:
        return f"{self.prefix}/evaluation/{phase}/parts/"

    def evaluation_plan(self, phase: str) -> str:
        return f"{self.prefix}/evaluation/{phase}/plan.jsonl"

    def evaluation_summary(self, phase: str) -> str:
        return f"{self.prefix}/evaluation/{phase}/summary.json"

    @property
    def output(self) -> str:
        """Prefix under which Bedrock writes its metrics files."""
        return f"{self.prefix}/output/"

    @property
    def manifest(self) -> str:
        return f"{self.prefix}/manifest.json"

    @property
    def report(self) -> str:
        return f"{self.prefix}/report.html"

    @property
    def reward_image(self) -> str:
        """The reward curves as an image."""
        return f"{self.prefix}/reward.png"
