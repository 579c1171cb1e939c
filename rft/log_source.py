"""Bedrock's own invocation logs as training data: which logs a use case trains on, and which it keeps back."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator, model_validator

from rft.datasets.invocation_log import MAX_FILTERS, check_filter

DATASET_PREFIX: Final = "logs-"  # of the names of datasets whose runs train on the logs themselves
_AND, _OR = "andAll", "orAll"


class InvocationLogs(BaseModel):
    """Logs under an S3 prefix, chosen by request metadata.

    `held_out` is one pair of metadata: requests that carry it are the held-out test and never trained on, which the
    filter that Bedrock gets makes sure of. Logs have no references, so that the reward must need none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    s3_uri: Annotated[
        str, StringConstraints(pattern=r"^s3://[a-z0-9][-.a-z0-9]{1,61}[a-z0-9](/[-!_*'().a-z0-9A-Z]+)+/?$")
    ]
    held_out: dict[str, str]
    filters: dict[str, Any] | None = None  # in the shape of requestMetadataFilters
    use_prompt_response: bool = False
    # of EventBridge, in UTC: how often what was logged since becomes a dataset of a run
    schedule: Annotated[str, StringConstraints(pattern=r"^(rate|cron)\([^()]+\)$")] | None = None

    @field_validator("held_out")
    @classmethod
    def _is_a_pair(cls, value: dict[str, str]) -> dict[str, str]:
        if len(value) != 1:
            raise ValueError("want exactly one pair, such as purpose: held-out")
        return value

    @model_validator(mode="after")
    def _can_be_combined(self) -> "InvocationLogs":
        if self.filters is not None:
            check_filter(self.filters)
            if _OR in self.filters:
                raise ValueError(
                    "filters.orAll cannot be combined with held_out, as Bedrock mixes no AND with OR"
                )
            if len(self.filters.get(_AND, ())) >= MAX_FILTERS:
                raise ValueError(f"filters.andAll: at most {MAX_FILTERS - 1}, as held_out is one more")
        return self

    @property
    def bucket(self) -> str:
        return self.s3_uri.removeprefix("s3://").partition("/")[0]

    @property
    def prefix(self) -> str:
        """Key prefix, without a slash at the end."""
        return self.s3_uri.removeprefix("s3://").partition("/")[2].rstrip("/")

    @property
    def training_filter(self) -> dict[str, Any]:
        """What is trained on: the filters, and not what is held out."""
        kept: dict[str, Any] = {"notEquals": self.held_out}
        if self.filters is None:
            return kept
        return {_AND: [*self.filters.get(_AND, [self.filters]), kept]}

    @property
    def test_filter(self) -> dict[str, Any]:
        """What is held out."""
        return {"equals": self.held_out}

    def training_data(self) -> Mapping[str, Any]:
        """The member `trainingDataConfig.invocationLogsConfig` (botocore's service model `bedrock`)."""
        return {
            "invocationLogSource": {"s3Uri": self.s3_uri},
            "requestMetadataFilters": self.training_filter,
            "usePromptResponse": self.use_prompt_response,
        }


def trains_on_logs(train_key: str) -> bool:
    """Whether an uploaded train file stands for the logs that it was made of."""
    return train_key.split("/")[-2].startswith(DATASET_PREFIX)
