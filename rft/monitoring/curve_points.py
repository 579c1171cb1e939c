"""The smoothed curve of the reward function's log as points, for a run whose trace was not stored."""

from collections.abc import Mapping, Sequence

from rft.catalogue import CHARACTERS_PER_TOKEN
from rft.monitoring import curve
from rft.monitoring.trace import Point
from rft.names import TRAIN, VALIDATION


def points_of_curve(found: Mapping[str, Sequence[curve.Point]], rollouts_a_step: int = 1) -> list[Point]:
    """Points by step, as far as the curve says; validation stands where training was at that time.

    Args:
        found: smoothed points by split, as `rft.monitoring.curve.reward_curve` returns them.
        rollouts_a_step: training rollouts that make a step; 1 counts rollouts in the place of steps.
    """
    training = list(found.get(TRAIN, ()))
    if not training:
        return []
    began = training[0].timestamp_ms
    steps = {
        point.rollouts // rollouts_a_step: Point(
            step=point.rollouts // rollouts_a_step,
            train_reward=point.mean_reward,
            episode_length=point.mean_characters / CHARACTERS_PER_TOKEN,
            seconds=(point.timestamp_ms - began) / 1000,
            inferred=True,
        )
        for point in training
    }
    for point in found.get(VALIDATION, ()):
        before = [item.rollouts for item in training if item.timestamp_ms <= point.timestamp_ms]
        step = (max(before) if before else training[0].rollouts) // rollouts_a_step
        steps[step] = steps[step].model_copy(update={"validation_reward": point.mean_reward})
    return [steps[step] for step in sorted(steps)]
