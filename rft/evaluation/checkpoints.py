"""Which of a job's models becomes the candidate: the earliest within one standard error of the best.

The rule is that of cost-complexity pruning (Breiman, Friedman, Olshen, Stone, Classification and Regression Trees,
1984, 3.4.3): among models that the validation set cannot tell apart, the one that was trained least has had the least
opportunity to overfit, or to exploit the reward.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Final

from rft.engines.base import Checkpoint
from rft.errors import EvaluationFailed

MAX_CANDIDATES: Final = 8
MAX_ANSWERS: Final = 240  # of all candidates together: what one function asks within its time limit


@dataclass(frozen=True, slots=True)
class ScoredCheckpoint:
    """A candidate's mean reward on the validation sample, and the standard error of that mean."""

    step: int
    model_id: str
    mean: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen model, the best by its mean alone, and every score by step."""

    chosen: ScoredCheckpoint
    best: ScoredCheckpoint
    scores: tuple[ScoredCheckpoint, ...]


def thinned(candidates: Sequence[Checkpoint]) -> list[Checkpoint]:
    """At most `MAX_CANDIDATES`, evenly spread over the steps; the first and the last always."""
    ordered = sorted(candidates, key=lambda candidate: candidate.step)
    if len(ordered) <= MAX_CANDIDATES:
        return ordered
    gap = (len(ordered) - 1) / (MAX_CANDIDATES - 1)
    return [ordered[round(place * gap)] for place in range(MAX_CANDIDATES)]


def prompts_each(candidates: int) -> int:
    """Validation prompts that each of so many candidates is asked, at least one."""
    return max(1, MAX_ANSWERS // max(1, candidates))


def scored(candidate: Checkpoint, rewards: Sequence[float]) -> ScoredCheckpoint:
    """A candidate with the mean of its rewards; of one reward alone the error is unknown and counts as 0."""
    error = stdev(rewards) / math.sqrt(len(rewards)) if len(rewards) > 1 else 0.0
    return ScoredCheckpoint(candidate.step, candidate.model_id, fmean(rewards), error)


def choose(candidates: Sequence[Checkpoint], rewards: Mapping[str, Sequence[float]]) -> Choice:
    """Apply the rule.

    Args:
        rewards: of the same validation prompts, by model id; a candidate without any is not chosen.

    Raises:
        EvaluationFailed: when no candidate has a reward.
    """
    scores = tuple(
        scored(candidate, rewards[candidate.model_id])
        for candidate in sorted(candidates, key=lambda candidate: candidate.step)
        if rewards.get(candidate.model_id)
    )
    if not scores:
        raise EvaluationFailed(
            "no checkpoint has a score on the validation set; see the reward function's log"
        )
    best = max(scores, key=lambda score: (score.mean, -score.step))
    least = best.mean - best.standard_error
    return Choice(next(score for score in scores if score.mean >= least), best, scores)
