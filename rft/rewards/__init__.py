"""Building blocks of reward functions: `reward(sample: Sample) -> Score`.

Standard library only (JSON schema validation is imported when first used), so that the reward function
starts fast.
"""

from rft.rewards.compose import gated, weighted
from rft.rewards.contract import (
    BadSampleError,
    MissingReferenceError,
    Sample,
    Score,
    reference_response,
)
from rft.rewards.extraction import find_object, is_bare_json, json_extraction
from rft.rewards.format import ends_with_answer_line, not_longer_than
from rft.rewards.labels import find_label, is_bare_label, label_answer
from rft.rewards.numeric import final_number, math_answer

__all__ = [
    "BadSampleError",
    "MissingReferenceError",
    "Sample",
    "Score",
    "ends_with_answer_line",
    "final_number",
    "find_label",
    "find_object",
    "gated",
    "is_bare_json",
    "is_bare_label",
    "json_extraction",
    "label_answer",
    "math_answer",
    "not_longer_than",
    "reference_response",
    "weighted",
]
