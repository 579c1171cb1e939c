"""When to stop a running job: a pure function of what was seen, what the engine can do, and limits.

Deciding is not doing: `enforced` says whether the watch loop stops the job or only tells people how to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rft.engines.base import Capabilities
from rft.settings import Watch

Action = Literal["continue", "warn", "abort"]
BROKEN_REWARD = "broken_reward"
BUDGET = "budget"
BUDGET_NOT_WATCHED = (
    "the budget is not watched while the job trains, as no price of training is known; set "
    "prices.training_per_hour or prices.training_per_million_tokens in the environment's settings"
)


@dataclass(frozen=True, slots=True)
class History:
    """What was seen of a job: training rollouts, how many of them the reward failed on, and USD spent, or None where
    no price of training is known."""

    samples: int
    reward_errors: int
    spent_usd: float | None

    @property
    def error_share(self) -> float:
        return self.reward_errors / self.samples if self.samples else 0.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What is tolerated."""

    max_reward_error_share: float
    min_samples: int
    budget_usd: float
    broken_reward_enforced: bool
    budget_enforced: bool

    @classmethod
    def of(cls, watch: Watch, budget_usd: float) -> "Limits":
        return cls(
            max_reward_error_share=watch.max_reward_error_share,
            min_samples=watch.min_samples,
            budget_usd=budget_usd,
            broken_reward_enforced=watch.broken_reward == "enforced",
            budget_enforced=watch.budget == "enforced",
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do, the reason's name and words, and the numbers behind it."""

    action: Action
    reason: str = ""
    explanation: str = ""
    enforced: bool = False
    evidence: Mapping[str, float] = field(default_factory=dict)


def decide(history: History, capabilities: Capabilities, limits: Limits) -> Decision:
    """Decide what to do with a running job; the first reason that applies, the more harmful first."""
    cost = (
        "" if capabilities.stop_keeps_model else "; stopping leaves no model and costs the tokens used so far"
    )
    if history.samples >= limits.min_samples and history.error_share > limits.max_reward_error_share:
        return Decision(
            "abort" if limits.broken_reward_enforced else "warn",
            BROKEN_REWARD,
            f"the reward failed on {history.error_share:.0%} of {history.samples} rollouts, more than "
            f"watch.max_reward_error_share {limits.max_reward_error_share:.0%}{cost}",
            limits.broken_reward_enforced,
            {"error_share": history.error_share, "samples": float(history.samples)},
        )
    if history.spent_usd is None:
        return Decision("continue", explanation=BUDGET_NOT_WATCHED)
    if history.spent_usd > limits.budget_usd:
        return Decision(
            "abort" if limits.budget_enforced else "warn",
            BUDGET,
            f"the job has used about {history.spent_usd:.2f} USD, more than the budget of "
            f"{limits.budget_usd:.2f} USD a run{cost}",
            limits.budget_enforced,
            {"spent_usd": history.spent_usd, "budget_usd": limits.budget_usd},
        )
    return Decision("continue")
