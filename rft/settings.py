"""Typed settings of a use case: what a team writes in `use_case.yaml`, frozen into each run's record.

Every model forbids unknown keys and is immutable. The YAML is read by `stacks/settings.py`; handlers read the
JSON form from the run record, so that a deployment in the middle of a run changes nothing for that run.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from rft import catalogue, names
from rft.datasets.codes import Code, Level
from rft.frozen import Frozen, Share
from rft.log_source import InvocationLogs
from rft.reward_settings import Reward
from rft.watch_settings import Watch

UseCaseName = Annotated[
    str, StringConstraints(pattern=f"^{names.NAME_PATTERN}$", max_length=names.MAX_USE_CASE_LENGTH)
]


MIN_WATCH_SECONDS = 60  # watching is handed on after 200 rounds, so that no history grows long


def _ranged(name: str) -> Any:
    allowed = catalogue.HYPERPARAMETER_RANGES[name]
    return Field(default=None, ge=allowed.minimum, le=allowed.maximum)


class Hyperparameters(Frozen):
    """Hyperparameters of the customization job, in the API's own names; None takes the preset
    of `rft/planning/presets.py`."""

    epochCount: int | None = _ranged("epochCount")
    batchSize: int | None = _ranged("batchSize")
    learningRate: float | None = _ranged("learningRate")
    maxPromptLength: int | None = _ranged("maxPromptLength")
    trainingSamplePerPrompt: int | None = _ranged("trainingSamplePerPrompt")
    inferenceMaxTokens: int | None = _ranged("inferenceMaxTokens")
    reasoningEffort: Literal["low", "medium", "high"] | None = None
    evalInterval: int | None = _ranged("evalInterval")
    learningRateMultiplier: float | None = Field(
        default=None, ge=catalogue.MULTIPLIER_RANGE.minimum, le=catalogue.MULTIPLIER_RANGE.maximum
    )

    def api(self) -> dict[str, int | float | str]:
        """The members that are set, as `rftConfig.hyperParameters` takes them."""
        return self.model_dump(exclude_none=True)


class Split(Frozen):
    """Shares of the uploaded train file held out when no validation or test file lies beside it."""

    validation: Share = 0.1
    test: Share = 0.1

    @model_validator(mode="after")
    def _leaves_training_data(self) -> "Split":
        if self.validation + self.test > 0.8:
            raise ValueError("validation and test together may hold out at most 0.8 of the records")
        return self


class Dataset(Frozen):
    """What the records of this use case look like."""

    split: Split = Split()
    slice_key: str | None = None  # extra key of a record by which evaluation is broken down
    reference_required: bool = True
    format_markers: tuple[str, ...] = ()  # what the reward parses; every prompt should name one of them
    languages: tuple[str, ...] = ()  # ISO 639-1 codes that prompts may be in; none means that any will do
    severity: dict[Code, Level] = {}
    invocation_logs: InvocationLogs | None = None

    @model_validator(mode="after")
    def _logs_have_no_references(self) -> "Dataset":
        if self.invocation_logs is not None and self.reference_required:
            raise ValueError("invocation_logs needs reference_required: false, as logs hold no references")
        return self

    def changed(self, severity: Mapping[Code, Level]) -> "Dataset":
        """These settings with an environment's severities over their own."""
        return self.model_copy(update={"severity": {**self.severity, **severity}})


class Probe(Frozen):
    """Sampling of the base model before training, and the band in which training is worth its cost."""

    prompts: Annotated[int, Field(ge=4, le=20_000)] = 64  # of the training set; more than it has is all of it
    samples_per_prompt: Annotated[int, Field(ge=2, le=16)] = 4
    temperature: Share = 0.6
    min_coverage: Share = 0.9  # of the prompts that must be answered and scored
    score_twice: bool = True  # one answer a prompt, to see whether the reward is deterministic
    min_mean_reward: Share = 0.02
    max_mean_reward: Share = 0.95
    max_all_zero_share: Share = 0.8  # of prompts for which every answer earns nothing
    max_all_one_share: Share = 0.8  # of prompts for which every answer earns everything
    min_useful_share: Share = 0.1  # of prompts whose answers earn different rewards
    max_noise: Share = 0.02  # mean distance of two scorings of one answer
    max_truncated_share: Share = 0.3  # of answers cut off at inferenceMaxTokens
    max_unparsed_share: Share = 0.3  # of answers that end with the reference and earn less than half


class Evaluation(Frozen):
    """Evaluation of base and candidate on the held-out test set."""

    max_prompts: Annotated[int, Field(ge=1, le=20_000)] = 2_000
    temperature: Share = 0.0
    batch_size: Annotated[int, Field(ge=1, le=100)] = 10  # answers of a function call
    at_once: Annotated[int, Field(ge=1, le=32)] = 5  # of them asked at the same time
    tolerated_failure_percentage: Annotated[float, Field(ge=0, le=50)] = 2.0


class Gate(Frozen):
    """What the candidate must show against the base before it may be promoted."""

    min_improvement: Annotated[float, Field(ge=-1, le=1)] = 0.02
    confidence: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    max_slice_regression: Share = 0.05
    min_prompts: Annotated[int, Field(ge=1)] = 20


class SmokeTest(Frozen):
    """Held-out prompts put to the stable deployment right after promotion."""

    prompts: Annotated[int, Field(ge=1, le=100)] = 5
    min_mean_reward: Share = 0.3


class Budget(Frozen):
    """What this use case may spend in an environment, on top of the environment's own limits; None sets none."""

    usd_per_run: Annotated[float, Field(gt=0)] | None = None
    usd_per_month: Annotated[float, Field(gt=0)] | None = None


class UseCaseSettings(Frozen):
    """All of `use_case.yaml`."""

    name: UseCaseName
    description: Annotated[str, StringConstraints(min_length=10, max_length=200)]
    base_model: str
    task: Literal["simple", "long"] = "simple"  # long: code or long form, which need room to answer
    hyperparameters: Hyperparameters = Hyperparameters()
    budget: Budget = Budget()
    dataset: Dataset = Dataset()
    reward: Reward = Reward()
    probe: Probe = Probe()
    evaluation: Evaluation = Evaluation()
    gate: Gate = Gate()
    smoke_test: SmokeTest = SmokeTest()
    watch: Watch = Watch()

    @field_validator("base_model")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in catalogue.MODELS:
            raise ValueError(f"unknown base model {value!r}; allowed: {', '.join(sorted(catalogue.MODELS))}")
        return value

    @model_validator(mode="after")
    def _hyperparameters_fit_the_engine(self) -> "UseCaseSettings":
        allowed = catalogue.SETTABLE[self.model.engine]
        for name in self.hyperparameters.api():
            if name not in allowed:
                raise ValueError(
                    f"hyperparameters.{name}: the engine {self.model.engine!r} of {self.base_model} takes no such "
                    f"setting; allowed: {', '.join(sorted(allowed))}"
                )
        return self

    @property
    def model(self) -> catalogue.BaseModel:
        return catalogue.base_model(self.base_model)


class Approvals(Frozen):
    """Where a person must agree before the workflow goes on; no answer within `timeout_hours` means no.

    With `four_eyes` whoever uploaded the dataset cannot agree, and an upload must name its uploader.
    """

    spend_above_usd: Annotated[float, Field(ge=0)] | None = None
    promotion: bool = False
    timeout_hours: Annotated[int, Field(ge=1, le=168)] = 72
    four_eyes: bool = False

    @model_validator(mode="after")
    def _four_eyes_see_something(self) -> "Approvals":
        if self.four_eyes and self.spend_above_usd is None and not self.promotion:
            raise ValueError("four_eyes needs spend_above_usd or promotion: true, or nobody is ever asked")
        return self


Usd = Annotated[float, Field(ge=0)]


class Prices(Frozen):
    """What you pay, in USD, where it differs from the list prices of `rft/planning/prices.yaml`; None takes those."""

    training_per_million_tokens: Usd | None = None
    training_per_hour: Usd | None = None
    inference_per_million_input_tokens: Usd | None = None
    inference_per_million_output_tokens: Usd | None = None
    custom_per_million_input_tokens: Usd | None = None
    custom_per_million_output_tokens: Usd | None = None
    judge_per_million_input_tokens: Usd | None = None
    judge_per_million_output_tokens: Usd | None = None
    reward_per_million_invocations: Usd | None = None
    reward_per_gb_second: Usd | None = None
    transitions_per_thousand: Usd | None = None


class Workflow(Frozen):
    """Cadence and limits of the state machine in one environment."""

    watch_interval_seconds: Annotated[int, Field(ge=MIN_WATCH_SECONDS, le=3600)] = 900
    scan_chunk_bytes: Annotated[int, Field(ge=1024, le=2**30)] = (
        64 * 2**20
    )  # larger files are scanned in chunks
    adoption_seconds: Annotated[int, Field(ge=0, le=86_400)] = (
        900  # an aborted run's job waits so long for a restart
    )
    evaluation_concurrency: Annotated[int, Field(ge=1, le=1000)] = 20
    training_slots: Annotated[int, Field(ge=1, le=20)] = (
        1  # trainings at a time; see training_slots_quota_code
    )
    # Service Quotas code, of service `bedrock`, of concurrent customization jobs; a smaller quota counts
    training_slots_quota_code: Annotated[str, StringConstraints(pattern=r"^L-[0-9A-F]{8}$")] | None = None
    slot_lease_seconds: Annotated[int, Field(ge=120, le=86_400)] = 3600
    slot_poll_seconds: Annotated[int, Field(ge=30, le=3600)] = 300
    slot_max_wait_seconds: Annotated[int, Field(ge=60, le=7 * 86_400)] = 86_400

    @model_validator(mode="after")
    def _lease_outlives_a_watch_round(self) -> "Workflow":
        if self.slot_lease_seconds < 2 * self.watch_interval_seconds:
            raise ValueError("slot_lease_seconds must be at least twice watch_interval_seconds")
        return self


class RunSettings(Frozen):
    """What one run needs of both files: the settings parameter's content and the run record's snapshot."""

    use_case: UseCaseSettings
    budget_usd_per_run: Annotated[float, Field(gt=0)]
    budget_usd_per_month: Annotated[float, Field(gt=0)] | None = None
    approvals: Approvals = Approvals()
    prices: Prices = Prices()
    workflow: Workflow = Workflow()
    lambda_architecture: Literal["arm64", "x86_64"] = "arm64"  # which of Lambda's prices holds

    @property
    def run_budget_usd(self) -> float:
        """The smaller of the environment's and the use case's limit of one run."""
        own = self.use_case.budget.usd_per_run
        return self.budget_usd_per_run if own is None else min(own, self.budget_usd_per_run)
