"""Building blocks of reward functions: `reward(sample: Sample) -> Score`.

A block's module is imported when its name is first used, so that a reward function starts with nothing that
it does not need, and its deployment package holds nothing else either.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rft.rewards.compose import gated, weighted
from rft.rewards.contract import (
    BadSampleError,
    MissingReferenceError,
    Sample,
    Score,
    reference_response,
)

if TYPE_CHECKING:
    from rft.rewards.extraction import find_object, is_bare_json, json_extraction
    from rft.rewards.format import ends_with_answer_line, not_longer_than
    from rft.rewards.labels import find_label, is_bare_label, label_answer
    from rft.rewards.numeric import final_number, math_answer

# Module of every block that is imported on first use; the deployment reads it to find a reward's modules.
BLOCKS: Final = {
    "ends_with_answer_line": "format",
    "final_number": "numeric",
    "find_label": "labels",
    "find_object": "extraction",
    "is_bare_json": "extraction",
    "is_bare_label": "labels",
    "json_extraction": "extraction",
    "label_answer": "labels",
    "math_answer": "numeric",
    "not_longer_than": "format",
}

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


def __getattr__(name: str) -> Any:
    if name not in BLOCKS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    block = getattr(import_module(f"{__name__}.{BLOCKS[name]}"), name)
    globals()[name] = block
    return block
