"""Training once more what was trained already: the reason travels with the upload and makes it a run of its own."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote

FORCE_METADATA: Final = "rft-force"  # of train.jsonl: why the same content is to be trained again
MIN_REASON, MAX_REASON = 10, 300  # characters


def to_metadata(reason: str) -> dict[str, str]:
    """The object metadata that asks for it; S3 takes ASCII only.

    Raises:
        ValueError: when the reason is too short to be one, or too long.
    """
    told = " ".join(reason.split())
    if not MIN_REASON <= len(told) <= MAX_REASON:
        raise ValueError(f"{len(told)} characters; give a reason of {MIN_REASON} to {MAX_REASON}")
    return {FORCE_METADATA: quote(told)}


def reason_of(metadata: Mapping[str, str]) -> str | None:
    """The reason in an upload's metadata; None when nothing is forced."""
    told = unquote(metadata.get(FORCE_METADATA, "")).strip()
    return told[:MAX_REASON] or None
