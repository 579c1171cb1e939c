"""Building blocks of reward functions: `reward(sample: Sample) -> Score`.

Standard library only (JSON schema validation is imported when first used), so that the reward function starts
fast.
"""

from rft.rewards.compose import gated, weighted
from rft.rewards.contract import BadSampleError, MissingReferenceError, Sample, Score, reference_response

__all__ = [
    "BadSampleError",
    "MissingReferenceError",
    "Sample",
    "Score",
    "gated",
    "reference_response",
    "weighted",
]
