"""The gate: whether the candidate is better than the base on held-out prompts by more than chance and margin.

Method: paired bootstrap of the mean difference, percentile interval, one-sided at `confidence`, seeded by the
run so that the verdict can be reproduced (Efron and Tibshirani, An Introduction to the Bootstrap, 1993).
"""

import random
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Final

from rft.runs.record import GateVerdict
from rft.settings import Gate

RESAMPLES: Final = 2000
MAX_WORK: Final = (
    4_000_000  # draws; larger test sets take fewer resamples, because the interval is narrow anyway
)
MIN_RESAMPLES: Final = 400
MIN_SLICE_PROMPTS: Final = 5  # a smaller slice shows chance only
PROMOTE, HOLD = "promote", "hold"


def interval(differences: Sequence[float], confidence: float, seed: str) -> tuple[float, float]:
    """Lower and upper bound of the mean difference; each is exceeded with probability `confidence`."""
    if min(differences) == max(differences):
        return differences[0], differences[0]
    draw = random.Random(seed)  # noqa: S311 (a resampling, not a secret)
    count = len(differences)
    resamples = max(MIN_RESAMPLES, min(RESAMPLES, MAX_WORK // count))
    means = sorted(sum(draw.choices(differences, k=count)) / count for _ in range(resamples))
    below = int((1 - confidence) * resamples)
    return means[below], means[resamples - 1 - below]


def judge(
    differences: Sequence[float], by_slice: Mapping[str, Sequence[float]], settings: Gate, *, seed: str
) -> GateVerdict:
    """Compare candidate and base.

    Args:
        differences: candidate's reward minus the base's, one per prompt.
        by_slice: the same by slice; slices of fewer than 5 prompts are not judged.
        seed: makes the verdict reproducible; the run id.
    """
    count = len(differences)
    mean = fmean(differences) if differences else 0.0
    lower, upper = interval(differences, settings.confidence, seed) if differences else (0.0, 0.0)
    objections = []
    if count < settings.min_prompts:
        objections.append(
            f"only {count} held-out prompts were compared; gate.min_prompts is {settings.min_prompts}"
        )
    if mean < settings.min_improvement:
        objections.append(
            f"the candidate's mean reward differs by {mean:+.3f}; gate.min_improvement is "
            f"{settings.min_improvement:+.3f}"
        )
    if lower <= 0 and settings.min_improvement >= 0:
        objections.append(
            f"the difference may be chance: its lower bound at {settings.confidence:.0%} confidence is "
            f"{lower:+.3f}"
        )
    for name, found in sorted(by_slice.items()):
        if len(found) >= MIN_SLICE_PROMPTS and fmean(found) < -settings.max_slice_regression:
            objections.append(
                f"slice {name!r} is worse by {-fmean(found):.3f} on {len(found)} prompts; "
                f"gate.max_slice_regression is {settings.max_slice_regression:g}"
            )
    agreed = (
        f"the candidate's mean reward is higher by {mean:.3f} on {count} prompts "
        f"(at least {lower:+.3f} at {settings.confidence:.0%} confidence)"
    )
    return GateVerdict(
        decision=HOLD if objections else PROMOTE,
        reasons=objections or [agreed],
        difference=mean,
        lower=lower,
        upper=upper,
        confidence=settings.confidence,
        prompts=count,
    )
