"""Splits one file into train, validation and test by the content of each prompt.

A prompt's split depends on its own hash alone: adding, removing or reordering records moves no other record,
and records with the same prompt stay together, so a split never leaks.
"""

import hashlib
from collections.abc import Iterable, Iterator

from rft.datasets.records import parse_record
from rft.names import TEST, TRAIN, VALIDATION

_BUCKETS = 1 << 53


def assign_split(prompt: str, *, validation: float, test: float) -> str:
    """Return the split of a prompt hash; `validation` and `test` are shares in [0, 1], exact only on
    average."""
    digest = hashlib.sha256(f"split {prompt}".encode()).digest()
    place = (int.from_bytes(digest[:8], "big") >> 11) / _BUCKETS
    if place < test:
        return TEST
    return VALIDATION if place < test + validation else TRAIN


def split_lines(lines: Iterable[bytes], *, validation: float, test: float) -> Iterator[tuple[str, bytes]]:
    """Yield each record's split and line, in order; blank lines are dropped.

    Args:
        lines: lines of a validated dataset.
        validation: share for the validation set, 0 when such a file was uploaded.
        test: share for the held-out test set, 0 when such a file was uploaded.
    """
    for line in lines:
        if line.strip():
            yield assign_split(parse_record(line).prompt_hash, validation=validation, test=test), line
