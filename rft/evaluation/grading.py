"""Scores answers with the deployed reward function, on the wire that Bedrock uses."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rft import aws
from rft.catalogue import LAMBDA_PAYLOAD_BYTES
from rft.errors import RewardRejected
from rft.rewards.batch import ERROR_METRIC
from rft.rewards.contract import REFERENCE_KEY

PAYLOAD_BYTES: Final = LAMBDA_PAYLOAD_BYTES - 256 * 1024  # room for the invocation's own wrapping


@dataclass(frozen=True, slots=True)
class Grade:
    """One score in [0, 1] with its components; `error` when the reward failed on this sample."""

    reward: float
    components: Mapping[str, float]
    error: bool


def sample(identity: str, record: Mapping[str, Any], response: str) -> dict[str, Any]:
    """One sample as Bedrock sends it: the reference and every extra key in `metadata`."""
    metadata = {key: value for key, value in record.items() if key not in {"id", "messages"}}
    if REFERENCE_KEY in metadata and metadata[REFERENCE_KEY] is None:
        del metadata[REFERENCE_KEY]
    answer = {"role": "assistant", "content": response}
    return {"id": identity, "messages": [*record["messages"], answer], "metadata": metadata}


def grade(function_arn: str, samples: Sequence[Mapping[str, Any]]) -> list[Grade]:
    """Score samples in order: one call, or more where they pass Lambda's payload limit.

    Raises:
        RewardRejected: when the answer is not one finite score per sample, with the ids that were sent.
        FunctionFailed: when the function raised or timed out.
    """
    grades: list[Grade] = []
    for part in _payloads(samples):
        answer = aws.invoke(function_arn, part)
        grades += _read(answer, [entry["id"] for entry in part])
    return grades


def _payloads(samples: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    parts: list[list[Mapping[str, Any]]] = []
    room = 0
    for entry in samples:
        size = len(json.dumps(entry)) + 2
        if not parts or size > room:
            parts.append([])
            room = PAYLOAD_BYTES
        parts[-1].append(entry)
        room -= size
    return parts


def _read(answer: Any, identities: list[Any]) -> list[Grade]:
    if not isinstance(answer, list):
        raise RewardRejected(
            f"the reward function returned {type(answer).__name__}; a list of scores is required"
        )
    if [entry.get("id") if isinstance(entry, Mapping) else None for entry in answer] == identities:
        return [_grade(entry) for entry in answer]  # in order, so that ids need not be unique
    found = {entry.get("id"): entry for entry in answer if isinstance(entry, Mapping)}
    if len(answer) != len(identities) or set(found) != set(identities):
        known = len(set(found) & set(identities))
        raise RewardRejected(
            f"the reward function returned {len(answer)} scores, {known} of them with known ids, for "
            f"{len(identities)} samples; return every id exactly once"
        )
    return [_grade(found[identity]) for identity in identities]


def _grade(entry: Mapping[str, Any]) -> Grade:
    reward = entry.get("aggregate_reward_score")
    if isinstance(reward, bool) or not isinstance(reward, int | float) or not math.isfinite(reward):
        raise RewardRejected(
            "the reward function returned an aggregate_reward_score that is not a finite number"
        )
    metrics = [metric for metric in entry.get("metrics_list") or () if isinstance(metric, Mapping)]
    components = {str(m["name"]): float(m["value"]) for m in metrics if m.get("type") == "Reward"}
    return Grade(float(reward), components, any(m.get("name") == ERROR_METRIC for m in metrics))
