"""A run's identity is its content: the same data, reward, model and hyperparameters are the same run."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

RUN_ID_LENGTH: Final = 16  # hexadecimal digits: 64 bits, one clash in 4 billion runs


def canonical_json(document: Any) -> bytes:
    """The one byte form of a JSON value: sorted keys, no spaces, UTF-8.

    Raises:
        ValueError: for NaN and infinities.
    """
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def digest(document: Any) -> str:
    """SHA-256 of a JSON value in hexadecimal."""
    return hashlib.sha256(canonical_json(document)).hexdigest()


def fingerprint(
    *,
    dataset_sha256: Mapping[str, str],
    reward_code_sha256: str,
    base_model: str,
    engine: str,
    hyperparameters: Mapping[str, Any],
    held_out: Mapping[str, float],
    logs: Mapping[str, Any] | None = None,
    forced: str | None = None,
) -> str:
    """SHA-256 over what makes two trainings equal.

    Args:
        dataset_sha256: by split; absent splits are left out.
        held_out: the share of the train file that becomes each absent split.
        forced: version id of an upload that asks for a run of its own whatever was trained before.
        logs: what Bedrock is told of invocation logs that it trains on itself.
    """
    return digest(
        {
            **({} if forced is None else {"forced": forced}),
            **({} if logs is None else {"logs": dict(logs)}),
            "dataset": dict(dataset_sha256),
            "reward": reward_code_sha256,
            "base_model": base_model,
            "engine": engine,
            "hyperparameters": dict(hyperparameters),
            "held_out": dict(held_out),
        }
    )


def run_id(full: str) -> str:
    """The run id of a fingerprint: short enough for the names of jobs, models and deployments."""
    return full[:RUN_ID_LENGTH]
