"""What scoring costs: Lambda's time and invocations; a judge's tokens where they were counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from rft.planning.prices import PriceList
from rft.reward_settings import Reward
from rft.rewards.judge_usage import Usage

SAMPLES: Final = 1000
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """USD and a judge's tokens for 1,000 samples; `assumption` says what they rest on and what is not in them;
    `lambda_usd` is None where no price is known."""

    lambda_usd: float | None
    judge_input_tokens: int | None
    judge_output_tokens: int | None
    assumption: str


def per_thousand(
    latencies_ms: Sequence[float],
    reward: Reward,
    prices: PriceList,
    *,
    deployed: bool,
    judge: Usage,
    alone: int,
) -> Cost:
    """Cost of 1,000 samples at the reward's concurrency, each sample in the time it takes alone.

    At most one invocation a sample: Bedrock documents no batch size.

    Args:
        judge: what the judge was used for the samples scored alone; it counts nothing in another process.
        alone: the number of those samples.
    """
    mean_ms = fmean(latencies_ms) if latencies_ms else 0.0
    seconds = SAMPLES * mean_ms / 1000 / reward.concurrency
    per_second, per_million = prices["reward_per_gb_second"].usd, prices["reward_per_million_invocations"].usd
    usd = None
    if per_second is not None and per_million is not None:
        usd = seconds * reward.memory_mb / 1024 * per_second + SAMPLES / _MILLION * per_million
    parts = [
        f"{mean_ms:.3g} ms a sample {'with the invocation' if deployed else 'on this machine'}",
        f"{reward.memory_mb} MB",
        f"{reward.concurrency} at once",
        "one invocation a sample, the reward function alone",
    ]
    tokens = [round(SAMPLES * used / alone) for used in (judge.input_tokens, judge.output_tokens) if alone]
    if reward.judge:
        counted = f"{tokens[0]:,} input and {tokens[1]:,} output " if judge.calls and tokens else ""
        parts.append(
            f"{counted}tokens of the judge {reward.judge.model} come on top, their price is unknown here"
        )
    known = bool(judge.calls and tokens)
    return Cost(usd, tokens[0] if known else None, tokens[1] if known else None, ", ".join(parts))
