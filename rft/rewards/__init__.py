"""Building blocks of reward functions: `reward(sample: Sample) -> Score`.

A block's module is imported when its name is first used, so that a reward function starts with nothing that
it does not need, and its deployment package holds nothing else either.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rft.rewards.compose import (
    NoPartLeftError,
    clip,
    gated,
    minimum,
    optional,
    penalised,
    product,
    require,
    scale,
    weighted,
)
from rft.rewards.contract import (
    BadSampleError,
    MissingReferenceError,
    Sample,
    Score,
    reference_response,
)

if TYPE_CHECKING:
    from rft.rewards.extraction import json_extraction
    from rft.rewards.format import ends_with_answer_line, not_longer_than
    from rft.rewards.json_text import find_json, find_object, is_bare_json
    from rft.rewards.labels import find_label, is_bare_label, label_answer
    from rft.rewards.numeric import final_number, math_answer

# Module of every block that is imported on first use; the deployment reads it to find a reward's modules.
BLOCKS: Final = {
    "ends_with_answer_line": "format",
    "final_number": "numeric",
    "find_json": "json_text",
    "find_label": "labels",
    "find_object": "json_text",
    "is_bare_json": "json_text",
    "is_bare_label": "labels",
    "json_extraction": "extraction",
    "label_answer": "labels",
    "math_answer": "numeric",
    "not_longer_than": "format",
}

__all__ = [
    "BadSampleError",
    "MissingReferenceError",
    "NoPartLeftError",
    "Sample",
    "Score",
    "clip",
    "ends_with_answer_line",
    "final_number",
    "find_json",
    "find_label",
    "find_object",
    "gated",
    "is_bare_json",
    "is_bare_label",
    "json_extraction",
    "label_answer",
    "math_answer",
    "minimum",
    "not_longer_than",
    "optional",
    "penalised",
    "product",
    "reference_response",
    "require",
    "scale",
    "weighted",
]


def __getattr__(name: str) -> Any:
    if name not in BLOCKS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    block = getattr(import_module(f"{__name__}.{BLOCKS[name]}"), name)
    globals()[name] = block
    return block
