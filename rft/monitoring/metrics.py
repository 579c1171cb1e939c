"""Names of every metric, dimension and property, and the one log line that carries them.

The reward function prints one document of the embedded metric format per split and batch. CloudWatch makes
metrics of it; the command line, the report and the watch loop read the same lines from the log group.
"""

import json
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rft.names import AUDIT

NAMESPACE: Final = "RFT"

USE_CASE: Final = "use_case"
ENVIRONMENT: Final = "environment"
RUN: Final = "run"
SPLIT: Final = "split"
UNKNOWN_SPLIT: Final = "unknown"  # rollouts whose record lost its `rft` key

REWARD_MEAN: Final = "RewardMean"
REWARD_ZERO_SHARE: Final = "RewardZeroShare"
REWARD_ERRORS: Final = "RewardErrors"
SAMPLES: Final = "Samples"
RESPONSE_CHARACTERS: Final = "ResponseCharacters"
REWARD_DURATION_MS: Final = "RewardDurationMs"

PROMPTS: Final = "prompts"
GROUP_STD: Final = "group_std"
ZERO_SIGNAL_SHARE: Final = "zero_signal_share"

UNITS: Final[Mapping[str, str]] = {
    REWARD_MEAN: "None",
    REWARD_ZERO_SHARE: "None",
    REWARD_ERRORS: "Count",
    SAMPLES: "Count",
    RESPONSE_CHARACTERS: "Count",
    REWARD_DURATION_MS: "Milliseconds",
}


@dataclass(frozen=True, slots=True)
class Rollout:
    """What the statistics need of one scored sample; `prompt` is the prompt's hash, or None when unknown."""

    reward: float
    characters: int
    prompt: str | None = None
    error: bool = False


@dataclass(frozen=True, slots=True)
class BatchStatistics:
    """Statistics of the rollouts of one split in one batch.

    `group_std` is the mean standard deviation of the reward among rollouts of the same prompt,
    `zero_signal_share` the share of those prompts in which all rollouts earned the same; both None when no
    prompt occurs twice.
    """

    samples: int
    reward_mean: float
    zero_share: float
    errors: int
    characters_mean: float
    prompts: int
    group_std: float | None
    zero_signal_share: float | None


def batch_statistics(rollouts: Sequence[Rollout]) -> BatchStatistics:
    """Summarise one or more rollouts.

    Raises:
        ValueError: when there is none.
    """
    if not rollouts:
        raise ValueError("no rollouts to summarise")
    groups: dict[str, list[float]] = {}
    for rollout in rollouts:
        if rollout.prompt is not None:
            groups.setdefault(rollout.prompt, []).append(rollout.reward)
    spreads = [statistics.pstdev(rewards) for rewards in groups.values() if len(rewards) > 1]
    return BatchStatistics(
        samples=len(rollouts),
        reward_mean=statistics.fmean(rollout.reward for rollout in rollouts),
        zero_share=sum(rollout.reward == 0 for rollout in rollouts) / len(rollouts),
        errors=sum(rollout.error for rollout in rollouts),
        characters_mean=statistics.fmean(rollout.characters for rollout in rollouts),
        prompts=len(groups),
        group_std=statistics.fmean(spreads) if spreads else None,
        zero_signal_share=sum(spread < 1e-9 for spread in spreads) / len(spreads) if spreads else None,
    )


def emf_line(
    batch: BatchStatistics,
    *,
    use_case: str,
    environment: str,
    run: str | None,
    split: str,
    duration_ms: float,
    timestamp_ms: int | None = None,
) -> str:
    """Return one line of the embedded metric format: dimensions [use_case, environment] and, for a known run,
    [use_case, environment, run, split]; for the samples of an audit the latter alone. `timestamp_ms` is Unix
    time, now when None."""
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

    provider = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    values = {
        REWARD_MEAN: batch.reward_mean,
        REWARD_ZERO_SHARE: batch.zero_share,
        REWARD_ERRORS: batch.errors,
        SAMPLES: batch.samples,
        RESPONSE_CHARACTERS: batch.characters_mean,
        REWARD_DURATION_MS: duration_ms,
    }
    for name, value in values.items():
        provider.add_metric(name=name, unit=UNITS[name], value=value)
    whole = {USE_CASE: use_case, ENVIRONMENT: environment}
    of_run = {**whole, RUN: run, SPLIT: split} if run is not None else {}
    if split == AUDIT and of_run:
        whole = of_run  # what an audit breaks on purpose is no news of the use case
    elif of_run:
        provider.add_dimensions(**of_run)
    provider.timestamp = timestamp_ms if timestamp_ms is not None else int(time.time() * 1000)
    properties: dict[str, Any] = {
        RUN: run,
        SPLIT: split,
        PROMPTS: batch.prompts,
        GROUP_STD: batch.group_std,
        ZERO_SIGNAL_SHARE: batch.zero_signal_share,
    }
    properties = {name: value for name, value in properties.items() if value is not None}
    # Dimensions are passed here, because POWERTOOLS_SERVICE_NAME would otherwise add one of its own.
    document = provider.serialize_metric_set(dimensions=whole, metadata=properties)
    return json.dumps(document, separators=(",", ":"))


def read_number(document: Mapping[str, Any], name: str) -> float | None:
    """Return a metric or property of a parsed line: a number or a list of one; None when it is absent."""
    value = document.get(name)
    if isinstance(value, Iterable) and not isinstance(value, str | Mapping):
        value = next(iter(value), None)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
