"""Puts samples to a reward: in this process, or deployed on the wire that Bedrock uses."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rft.evaluation import grading
from rft.evaluation.grading import Grade
from rft.reward_settings import Reward
from rft.rewards.batch import RewardFunction, score_samples

Samples = Sequence[Mapping[str, Any]]
Scorer = Callable[[Samples], Sequence[Grade]]


def local_scorer(reward: RewardFunction, settings: Reward) -> Scorer:
    """A scorer that runs the reward here, with the isolation and the time budget of its Lambda function."""

    def score(samples: Samples) -> list[Grade]:
        event = json.loads(json.dumps(list(samples)))
        scored = score_samples(
            event,
            reward,
            floor=settings.floor,
            seconds=settings.timeout_seconds,
            concurrency=settings.concurrency,
        )
        return [Grade(item.value, item.components, item.error is not None) for item in scored]

    return score


def deployed_scorer(function_arn: str) -> Scorer:
    """A scorer that invokes a published version of the reward function."""
    return lambda samples: grading.grade(function_arn, samples)
