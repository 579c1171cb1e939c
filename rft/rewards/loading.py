"""Loads a use case's reward function and golden answers from its folder."""

import importlib.util
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rft.execution.local import execute
from rft.rewards.batch import RewardFunction
from rft.rewards.executor import execute_here

REWARD_FILE = "reward.py"
GOLDEN_FILE = "golden.jsonl"
_NOT_METADATA = frozenset({"id", "messages", "response", "expected", "why"})


@dataclass(frozen=True, slots=True)
class GoldenAnswer:
    """A response with the range its score must lie in, and why it is in the file."""

    id: str
    sample: Mapping[str, Any]  # in the shape that Bedrock sends
    minimum: float
    maximum: float
    why: str


def load_reward(folder: Path) -> RewardFunction:
    """Return the function `reward` of `folder/reward.py`, under a module name of its own.

    Programs that it tests run in a sandbox on this machine, unless an executor function is named.

    Raises:
        FileNotFoundError: when there is no such file.
        AttributeError: when it defines no function `reward`.
    """
    path = folder / REWARD_FILE
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file; it must define `def reward(sample)`")
    spec = importlib.util.spec_from_file_location(
        f"rft_use_case_{folder.name.replace('-', '_')}_reward", path
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{path}: not importable")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    execute_here(execute)
    function = getattr(module, "reward", None)
    if not callable(function):
        raise AttributeError(f"{path}: no function `reward`; add `def reward(sample: Sample) -> Score`")
    return cast(RewardFunction, function)


def read_golden(path: Path) -> list[GoldenAnswer]:
    """Read golden answers.

    Raises:
        ValueError: naming the line that is malformed.
    """
    with path.open(encoding="utf-8") as lines:
        return [_golden(line, f"{path.name}:{n}") for n, line in enumerate(lines, start=1) if line.strip()]


def _golden(line: str, place: str) -> GoldenAnswer:
    try:
        value = json.loads(line)
        answer = {"role": "assistant", "content": value["response"]}
        metadata = {key: member for key, member in value.items() if key not in _NOT_METADATA}
        sample = {"id": value["id"], "messages": [*value["messages"], answer], "metadata": metadata}
        expected = value["expected"]
        return GoldenAnswer(
            value["id"], sample, float(expected["min"]), float(expected["max"]), str(value.get("why", ""))
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"{place}: malformed golden answer ({type(error).__name__}); it needs id, messages, response, "
            "reference_answer and expected {min, max}"
        ) from None
