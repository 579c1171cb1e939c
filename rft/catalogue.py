"""The one table of base models that Bedrock can fine-tune with reinforcement, and of the service's limits.

Sources (read 2026-11-20): [ug] Amazon Bedrock user guide, pages `reinforcement-fine-tuning`, `rft-prepare-data`,
`rft-submit-job`, `rft-nova-models`; [api] botocore 1.44.5, service model `bedrock` 2023-04-20;
[quota] measured Service Quotas of one account, so read them at run time where it matters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from rft.errors import SettingsError

EngineName = Literal["nova", "mantle"]


@dataclass(frozen=True, slots=True)
class Range:
    """An inclusive range; `integer` tells whole numbers from reals."""

    minimum: float
    maximum: float
    integer: bool = True

    def __contains__(self, value: object) -> bool:
        return (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and self.minimum <= value <= self.maximum
        )

    def __str__(self) -> str:
        return f"{self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A foundation model that RFT accepts as its base."""

    model_id: str
    label: str
    engine: EngineName
    regions: tuple[str, ...]
    min_training_records: int
    max_records: int
    source: str


MODELS: Final = MappingProxyType(
    {
        model.model_id: model
        for model in (
            BaseModel(
                "amazon.nova-2-lite-v1:0:256k",
                "Amazon Nova 2 Lite",
                "nova",
                ("us-east-1",),
                100,
                20_000,
                "[ug]",
            ),
            BaseModel(
                "openai.gpt-oss-20b", "OpenAI gpt-oss-20b", "mantle", ("us-west-2",), 100, 20_000, "[ug]"
            ),
            BaseModel("qwen.qwen3-32b", "Qwen3 32B", "mantle", ("us-west-2",), 100, 20_000, "[ug]"),
        )
    }
)

# [api] RFTHyperParameters. The API gives maxPromptLength and inferenceMaxTokens no range; theirs are the
# smallest useful value and the 256k context window of the model.
HYPERPARAMETER_RANGES: Final = MappingProxyType(
    {
        "epochCount": Range(1, 50),
        "batchSize": Range(16, 512),
        "learningRate": Range(1e-7, 1e-3, integer=False),
        "maxPromptLength": Range(32, 256_000),
        "trainingSamplePerPrompt": Range(2, 16),
        "inferenceMaxTokens": Range(16, 256_000),
        "evalInterval": Range(1, 100),
    }
)

# AWS documents three hyperparameters of the mantle engine, and no range of any; the upper end is ours, against slips.
MULTIPLIER_RANGE: Final = Range(1e-3, 10, integer=False)
BOUNDS: Final[Mapping[EngineName, Mapping[str, Range]]] = MappingProxyType(
    {"nova": HYPERPARAMETER_RANGES, "mantle": MappingProxyType({"learningRateMultiplier": MULTIPLIER_RANGE})}
)
# What a use case may set for each engine; of mantle's, `inferenceMaxTokens` limits the pipeline's own questions only.
SETTABLE: Final[Mapping[EngineName, frozenset[str]]] = MappingProxyType(
    {
        "nova": frozenset({*HYPERPARAMETER_RANGES, "reasoningEffort"}),
        "mantle": frozenset({"epochCount", "batchSize", "learningRateMultiplier", "inferenceMaxTokens"}),
    }
)

# [api] names of jobs, models and deployments
MAX_NAME_LENGTH: Final = 63

# Ours, because Bedrock documents none: a record is one chat prompt, so larger ones are mistakes.
MAX_LINE_BYTES: Final = 10 * 1024 * 1024
MAX_FILE_BYTES: Final = 5 * 1024**3
CHARACTERS_PER_TOKEN: Final = 4.0  # rule of thumb for English; the tokenizer of Nova is not public

# Lambda: synchronous payload quota (6 MB) and longest timeout (15 min).
LAMBDA_PAYLOAD_BYTES: Final = 6 * 1024 * 1024
LAMBDA_MAX_TIMEOUT_SECONDS: Final = 900

# The longest job watched; the longest Bedrock documents for a job is 7 days of the workflow's own limit.
MAX_JOB_SECONDS: Final = 7 * 24 * 3600


def base_model(model_id: str) -> BaseModel:
    """Return the table's row for a model id.

    Raises:
        KeyError: naming the ids that exist.
    """
    try:
        return MODELS[model_id]
    except KeyError:
        raise KeyError(f"unknown base model {model_id!r}; allowed: {', '.join(sorted(MODELS))}") from None


def check_bounds(model_id: str, hyperparameters: Mapping[str, object]) -> None:
    """Compare hyperparameters with what the model's engine accepts; names without documented bounds pass.

    Raises:
        SettingsError: naming the first one outside of its range, and the range.
    """
    model = base_model(model_id)
    for name, value in hyperparameters.items():
        allowed = BOUNDS[model.engine].get(name)
        if allowed is not None and value not in allowed:
            raise SettingsError(
                f"hyperparameters.{name}: {value} is outside of {allowed}, which the engine {model.engine!r} "
                f"accepts for {model_id}; change it in use_case.yaml"
            )
