"""Names of every metric, dimension and property, and the one log line that carries them.

The reward function prints one document of the embedded metric format per split and batch. CloudWatch makes
metrics of it; the command line, the report and the watch loop read the same lines from the log group.
"""

import json
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from rft.monitoring.diversity import distinct_share
from rft.monitoring.histogram import counts
from rft.names import AUDIT

if TYPE_CHECKING:
    from rft.rewards.judge_usage import Usage

NAMESPACE: Final = "RFT"

USE_CASE: Final = "use_case"
ENVIRONMENT: Final = "environment"
RUN: Final = "run"
SPLIT: Final = "split"
UNKNOWN_SPLIT: Final = "unknown"  # rollouts whose record lost its `rft` key

REWARD_MEAN: Final = "RewardMean"
REWARD_P10: Final = "RewardP10"
REWARD_P90: Final = "RewardP90"
REWARD_ZERO_SHARE: Final = "RewardZeroShare"
REWARD_ZERO_SIGNAL_SHARE: Final = "RewardZeroSignalShare"
REWARD_ERRORS: Final = "RewardErrors"
SAMPLES: Final = "Samples"
RESPONSE_CHARACTERS: Final = "ResponseCharacters"
REWARD_DURATION_MS: Final = "RewardDurationMs"
JUDGE_CALLS: Final = "JudgeCalls"
JUDGE_INPUT_TOKENS: Final = "JudgeInputTokens"
JUDGE_OUTPUT_TOKENS: Final = "JudgeOutputTokens"
JUDGE_ERRORS: Final = "JudgeErrors"

PROMPTS: Final = "prompts"
GROUP_STD: Final = "group_std"
DISTINCT_SHARE: Final = "distinct_share"
REWARD_COUNTS: Final = "reward_counts"
COMPONENT: Final = "component_"  # and the component's name: its mean, a property and no metric of its own
MAX_COMPONENTS: Final = 16

UNITS: Final[Mapping[str, str]] = {
    REWARD_MEAN: "None",
    REWARD_P10: "None",
    REWARD_P90: "None",
    REWARD_ZERO_SHARE: "None",
    REWARD_ZERO_SIGNAL_SHARE: "None",
    REWARD_ERRORS: "Count",
    SAMPLES: "Count",
    RESPONSE_CHARACTERS: "Count",
    REWARD_DURATION_MS: "Milliseconds",
    JUDGE_CALLS: "Count",
    JUDGE_INPUT_TOKENS: "Count",
    JUDGE_OUTPUT_TOKENS: "Count",
    JUDGE_ERRORS: "Count",
}


@dataclass(frozen=True, slots=True)
class Rollout:
    """What the statistics need of one scored sample; `prompt` and `answer` are hashes, or None when unknown."""

    reward: float
    characters: int
    prompt: str | None = None
    error: bool = False
    components: Mapping[str, float] = field(default_factory=dict)
    answer: int | None = None


@dataclass(frozen=True, slots=True)
class BatchStatistics:
    """Statistics of the rollouts of one split in one batch.

    `reward_p10` and `reward_p90` are deciles, interpolated; `components` holds means, the first by name where
    there are many. `group_std` is the mean standard deviation of the reward among rollouts of the same prompt,
    `zero_signal_share` the share of those prompts in which all rollouts earned the same; both None when no
    prompt occurs twice. `distinct_share` is 0 when all answers to a prompt are the same and 1 when no two are
    (`rft.monitoring.diversity`). `reward_counts` is a histogram (`rft.monitoring.histogram`).
    """

    samples: int
    reward_mean: float
    reward_p10: float
    reward_p90: float
    zero_share: float
    errors: int
    characters_mean: float
    prompts: int
    group_std: float | None
    zero_signal_share: float | None
    components: Mapping[str, float]
    distinct_share: float | None = None
    reward_counts: tuple[int, ...] = ()


def batch_statistics(rollouts: Sequence[Rollout]) -> BatchStatistics:
    """Summarise one or more rollouts.

    Raises:
        ValueError: when there is none.
    """
    if not rollouts:
        raise ValueError("no rollouts to summarise")
    groups: dict[str, list[float]] = {}
    answers: dict[str, list[int]] = {}
    for rollout in rollouts:
        if rollout.prompt is not None:
            groups.setdefault(rollout.prompt, []).append(rollout.reward)
            if rollout.answer is not None:
                answers.setdefault(rollout.prompt, []).append(rollout.answer)
    spreads = [statistics.pstdev(rewards) for rewards in groups.values() if len(rewards) > 1]
    p10, p90 = _deciles([rollout.reward for rollout in rollouts])
    return BatchStatistics(
        samples=len(rollouts),
        reward_mean=statistics.fmean(rollout.reward for rollout in rollouts),
        reward_p10=p10,
        reward_p90=p90,
        zero_share=sum(rollout.reward == 0 for rollout in rollouts) / len(rollouts),
        errors=sum(rollout.error for rollout in rollouts),
        characters_mean=statistics.fmean(rollout.characters for rollout in rollouts),
        prompts=len(groups),
        group_std=statistics.fmean(spreads) if spreads else None,
        zero_signal_share=sum(spread < 1e-9 for spread in spreads) / len(spreads) if spreads else None,
        components=_component_means(rollouts),
        distinct_share=distinct_share(answers.values()),
        reward_counts=counts(rollout.reward for rollout in rollouts),
    )


def _deciles(rewards: Sequence[float]) -> tuple[float, float]:
    if len(rewards) == 1:
        return rewards[0], rewards[0]
    low, high = min(rewards), max(rewards)
    cuts = statistics.quantiles(rewards, n=10, method="inclusive")
    return max(low, cuts[0]), min(high, cuts[-1])  # interpolation may round beyond the rewards themselves


def _component_means(rollouts: Sequence[Rollout]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for rollout in rollouts:
        for name, value in rollout.components.items():
            found.setdefault(name, []).append(value)
    return {name: statistics.fmean(found[name]) for name in sorted(found)[:MAX_COMPONENTS]}


def emf_line(
    batch: BatchStatistics,
    *,
    use_case: str,
    environment: str,
    run: str | None,
    split: str,
    duration_ms: float,
    judge: "Usage | None" = None,
    timestamp_ms: int | None = None,
) -> str:
    """Return one line of the embedded metric format: dimensions [use_case, environment] and, for a known run,
    [use_case, environment, run, split]; for the samples of an audit the latter alone.

    Args:
        batch: statistics of one split.
        use_case, environment, run, split: whose they are; `run` None when unknown.
        duration_ms: time that the whole batch took.
        judge: what the batch used of a judge; None for rewards without one.
        timestamp_ms: Unix time, now when None.
    """
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

    provider = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    values: dict[str, float | None] = {
        REWARD_MEAN: batch.reward_mean,
        REWARD_P10: batch.reward_p10,
        REWARD_P90: batch.reward_p90,
        REWARD_ZERO_SHARE: batch.zero_share,
        REWARD_ZERO_SIGNAL_SHARE: batch.zero_signal_share,
        REWARD_ERRORS: batch.errors,
        SAMPLES: batch.samples,
        RESPONSE_CHARACTERS: batch.characters_mean,
        REWARD_DURATION_MS: duration_ms,
    }
    if judge is not None:
        values |= {
            JUDGE_CALLS: judge.calls,
            JUDGE_INPUT_TOKENS: judge.input_tokens,
            JUDGE_OUTPUT_TOKENS: judge.output_tokens,
            JUDGE_ERRORS: judge.errors,
        }
    for name, value in values.items():
        if value is not None:
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
        DISTINCT_SHARE: batch.distinct_share,
        REWARD_COUNTS: batch.reward_counts or None,
        **{f"{COMPONENT}{name}": round(value, 6) for name, value in batch.components.items()},
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
