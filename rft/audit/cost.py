"""What scoring costs: Lambda's time and invocations; a judge's tokens where they were counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from rft.settings import Prices, Reward

SAMPLES: Final = 1000
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """USD for 1,000 samples; `assumption` says what it rests on and what is not in it."""

    lambda_usd: float
    assumption: str


def per_thousand(latencies_ms: Sequence[float], reward: Reward, prices: Prices, *, deployed: bool) -> Cost:
    """Cost of 1,000 samples at the reward's concurrency, each sample in the time it takes alone.

    At most one invocation a sample: Bedrock documents no batch size.
    """
    mean_ms = fmean(latencies_ms) if latencies_ms else 0.0
    seconds = SAMPLES * mean_ms / 1000 / reward.concurrency
    usd = seconds * reward.memory_mb / 1024 * prices.reward_per_gb_second
    usd += SAMPLES / _MILLION * prices.reward_per_million_invocations
    parts = [
        f"{mean_ms:.3g} ms a sample {'with the invocation' if deployed else 'on this machine'}",
        f"{reward.memory_mb} MB",
        f"{reward.concurrency} at once",
        "one invocation a sample, the reward function alone",
    ]
    if reward.judge:
        parts.append(f"tokens of the judge {reward.judge.model} extra: their price is unknown here")
    return Cost(usd, ", ".join(parts))
