"""The job itself: broken reward, budget, deadline, stall."""

from itertools import pairwise
from statistics import median
from typing import Final

from rft.monitoring.policy.model import Limits, Reason
from rft.monitoring.policy.series import View

BROKEN_REWARD: Final = "broken_reward"
BUDGET: Final = "budget"
DEADLINE: Final = "deadline"
STALLED: Final = "stalled"
STALL_FACTOR: Final = 6.0
STALL_EVIDENCE: Final = 5
_DESIGN: Final = "this project's settings of the use case"


def broken_reward(view: View, limits: Limits) -> Reason | None:
    """The reward function fails.

    Statistic: median of the last `limits.error_points` error rates. Threshold: `limits.max_reward_error_rate`
    (`watch.max_reward_error_share`). Minimum evidence: so many rates. Source: the use case's settings.
    """
    rates = view.series("reward_error_rate").values
    if len(rates) < limits.error_points:
        return None
    rate = median(rates[-limits.error_points :])
    if rate <= limits.max_reward_error_rate:
        return None
    return Reason(
        BROKEN_REWARD,
        rate,
        limits.max_reward_error_rate,
        f"the reward failed on {rate:.0%} of rollouts, more than watch.max_reward_error_share "
        f"{limits.max_reward_error_rate:.0%}",
        _DESIGN,
        "errors",
        "sufficient",
        {"error_rate": rate, "points": float(limits.error_points)},
    )


def budget(view: View, limits: Limits) -> Reason | None:
    """The job costs more than it may.

    Statistic: the last `cost_usd`. Threshold: `limits.budget_usd`. Minimum evidence: one value.
    Source: the use case's and environment's settings.
    """
    costs = view.series("cost_usd").values
    if limits.budget_usd is None or not costs or costs[-1] <= limits.budget_usd:
        return None
    return Reason(
        BUDGET,
        costs[-1],
        limits.budget_usd,
        f"the job has used about {costs[-1]:.2f} USD, more than the budget of {limits.budget_usd:.2f} USD a run",
        _DESIGN,
        "budget",
        "sufficient",
        {"spent_usd": costs[-1], "budget_usd": limits.budget_usd},
    )


def _elapsed(view: View, limits: Limits) -> float | None:
    seconds = view.series("seconds").values
    known = [*seconds, *([] if limits.elapsed_seconds is None else [limits.elapsed_seconds])]
    return max(known, default=None)


def deadline(view: View, limits: Limits) -> Reason | None:
    """The job takes longer than it may.

    Statistic: seconds since its begin. Threshold: `limits.deadline_seconds` (`watch.max_hours`). Minimum evidence: one
    value. Source: the use case's settings.
    """
    elapsed = _elapsed(view, limits)
    if limits.deadline_seconds is None or elapsed is None or elapsed <= limits.deadline_seconds:
        return None
    return Reason(
        DEADLINE,
        elapsed,
        limits.deadline_seconds,
        f"the job has run for {elapsed / 3600:.1f} hours, longer than watch.max_hours "
        f"{limits.deadline_seconds / 3600:.1f}",
        _DESIGN,
        "deadline",
        "sufficient",
        {"elapsed_seconds": elapsed, "deadline_seconds": limits.deadline_seconds},
    )


def stalled(view: View, limits: Limits) -> Reason | None:
    """No new step for much longer than steps take.

    Statistic: seconds since the step before the latest sign of life, over the median step's seconds. Threshold: 5.
    Minimum evidence: 5 steps with `seconds`. Source: the job's own median; the factor is this project's choice, so that
    steps with an evaluation count as usual.
    """
    series = view.series("seconds")
    first: dict[int, float] = {}
    for step, seconds in zip(series.steps, series.values, strict=True):
        first.setdefault(step, seconds)
    steps = sorted(first)
    took = [(first[b] - first[a]) / (b - a) for a, b in pairwise(steps)]
    if len(took) < STALL_EVIDENCE:
        return None
    waited = (_elapsed(view, limits) or 0.0) - first[steps[-1]]
    longest = max(took[-1], waited)
    usual = median(took[:-1]) if took[-1] >= waited else median(took)
    if usual <= 0 or longest / usual < STALL_FACTOR:
        return None
    return Reason(
        STALLED,
        longest / usual,
        STALL_FACTOR,
        f"no new step for {longest:.0f} seconds near step {steps[-1]}; a step usually takes {usual:.0f}",
        "the job's own median step",
        "time",
        "notice",
        {"waited_seconds": longest, "usual_seconds": usual},
    )
