"""Reward of code generation: what the function returns for the record's tests, run in the executor's sandbox."""

from rft.rewards import Sample, Score, code_tests, weighted

FENCE = "```"


def reward(sample: Sample) -> Score:
    """Score 1.0 for a function that passes all tests in one fenced block; form alone does not pay."""
    tested = code_tests(sample)
    score = weighted(correct=(0.9, tested), form=(0.1, tested.value * is_one_block(sample.response)))
    return Score(score.value, {**tested.components, **score.components}, tested.reasons)


def is_one_block(text: str) -> bool:
    """Tell whether a text is one fenced block of Python and nothing else, as the prompt asks."""
    bare = text.strip()
    return bare.startswith(f"{FENCE}python\n") and bare.endswith(FENCE) and bare.count(FENCE) == 2
