"""Building blocks of reward functions: `reward(sample: Sample) -> Score`.

A block's module is imported when its name is first used, so that a reward function starts with nothing that
it does not need, and its deployment package holds nothing else either.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from rft.rewards.compose import (
    NoPartLeftError,
    clip,
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
    from rft.rewards.alignment import fuzzy_ratio, rouge_l
    from rft.rewards.code import code_tests
    from rft.rewards.copying import own_words
    from rft.rewards.extraction import json_extraction
    from rft.rewards.format import ends_with_answer_line, tag_text, tagged
    from rft.rewards.json_text import find_json, find_object, is_bare_json
    from rft.rewards.judge.pairwise import preferred
    from rft.rewards.judge.rubric import Criterion, Rubric
    from rft.rewards.judge.rubric_file import read_rubric
    from rft.rewards.judge.scoring import judged
    from rft.rewards.judge.templates import INSTRUCTION_FOLLOWING, RAG_FAITHFULNESS, REASONING, SUMMARISATION
    from rft.rewards.label_sets import labels_answer
    from rft.rewards.labels import find_label, is_bare_label, label_answer
    from rft.rewards.language import in_language
    from rft.rewards.length import relative_length, token_budget
    from rft.rewards.numeric import final_number, math_answer
    from rft.rewards.pattern import matches
    from rft.rewards.refusal import answered, is_refusal
    from rft.rewards.repetition import not_repetitive, repeated_share
    from rft.rewards.similarity import exact_match, normalised_match, token_f1
    from rft.rewards.sql import sql_result
    from rft.rewards.steps import step_check
    from rft.rewards.symbolic import symbolic_answer
    from rft.rewards.tool_calls import tool_calls

# Module of every block that is imported on first use; the deployment reads it to find a reward's modules.
BLOCKS: Final = {
    "Criterion": "judge.rubric",
    "INSTRUCTION_FOLLOWING": "judge.templates",
    "RAG_FAITHFULNESS": "judge.templates",
    "REASONING": "judge.templates",
    "Rubric": "judge.rubric",
    "SUMMARISATION": "judge.templates",
    "answered": "refusal",
    "code_tests": "code",
    "ends_with_answer_line": "format",
    "exact_match": "similarity",
    "final_number": "numeric",
    "find_json": "json_text",
    "find_label": "labels",
    "find_object": "json_text",
    "fuzzy_ratio": "alignment",
    "in_language": "language",
    "is_bare_json": "json_text",
    "is_bare_label": "labels",
    "is_refusal": "refusal",
    "json_extraction": "extraction",
    "judged": "judge.scoring",
    "label_answer": "labels",
    "labels_answer": "label_sets",
    "matches": "pattern",
    "math_answer": "numeric",
    "normalised_match": "similarity",
    "not_repetitive": "repetition",
    "own_words": "copying",
    "preferred": "judge.pairwise",
    "read_rubric": "judge.rubric_file",
    "relative_length": "length",
    "repeated_share": "repetition",
    "rouge_l": "alignment",
    "sql_result": "sql",
    "step_check": "steps",
    "symbolic_answer": "symbolic",
    "tag_text": "format",
    "tagged": "format",
    "token_budget": "length",
    "token_f1": "similarity",
    "tool_calls": "tool_calls",
}

__all__ = [
    "INSTRUCTION_FOLLOWING",
    "RAG_FAITHFULNESS",
    "REASONING",
    "SUMMARISATION",
    "BadSampleError",
    "Criterion",
    "MissingReferenceError",
    "NoPartLeftError",
    "Rubric",
    "Sample",
    "Score",
    "answered",
    "clip",
    "code_tests",
    "ends_with_answer_line",
    "exact_match",
    "final_number",
    "find_json",
    "find_label",
    "find_object",
    "fuzzy_ratio",
    "in_language",
    "is_bare_json",
    "is_bare_label",
    "is_refusal",
    "json_extraction",
    "judged",
    "label_answer",
    "labels_answer",
    "matches",
    "math_answer",
    "minimum",
    "normalised_match",
    "not_repetitive",
    "optional",
    "own_words",
    "penalised",
    "preferred",
    "product",
    "read_rubric",
    "reference_response",
    "relative_length",
    "repeated_share",
    "require",
    "rouge_l",
    "scale",
    "sql_result",
    "step_check",
    "symbolic_answer",
    "tag_text",
    "tagged",
    "token_budget",
    "token_f1",
    "tool_calls",
    "weighted",
]


def __getattr__(name: str) -> Any:
    if name not in BLOCKS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    block = getattr(import_module(f"{__name__}.{BLOCKS[name]}"), name)
    globals()[name] = block
    return block
