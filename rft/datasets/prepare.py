"""Writes the workflow's own copy of a dataset: every record marked with run, split, prompt hash and slice.

Lines in, lines out; the caller opens the objects. A prepared file has no blank line and ends with a line
feed.
"""

import hashlib
import heapq
import json
from collections.abc import Iterable, Iterator
from typing import Any

from rft.datasets.records import Marker, prompt_hash
from rft.names import PROBE, RECORD_KEY


def prepare(
    lines: Iterable[bytes],
    *,
    run: str,
    split: str,
    slice_key: str | None = None,
    default_slice: str | None = None,
) -> Iterator[bytes]:
    """Yield the prepared line of every record, in order.

    Args:
        lines: lines of a validated dataset; line ends and blank lines do not matter.
        run: the run id.
        split: train, validation, test or probe.
        slice_key: extra key whose value names the record's slice; None for no slices.
        default_slice: slice of records that lack the key.
    """
    for line in lines:
        if line.strip():
            yield _encode(_marked(json.loads(line), run, split, slice_key, default_slice))


def probe_sample(prepared: Iterable[bytes], count: int) -> list[bytes]:
    """Return the probe: `count` prepared records chosen by hash, the same ones for the same dataset.

    The choice depends on each record alone, so it is spread over the file and stable when records are added.
    """
    keyed = ((_probe_key(line), index, line) for index, line in enumerate(prepared))
    chosen = heapq.nsmallest(count, keyed, key=lambda entry: entry[:2])
    return [_as_probe(line) for _, _, line in sorted(chosen, key=lambda entry: entry[1])]


def _marked(
    value: dict[str, Any], run: str, split: str, slice_key: str | None, default: str | None
) -> dict[str, Any]:
    found = value.get(slice_key) if slice_key else None
    part = str(found) if isinstance(found, str | int | float) else default
    return {**value, RECORD_KEY: Marker(run, split, prompt_hash(value["messages"]), part).to_json()}


def _as_probe(line: bytes) -> bytes:
    value = json.loads(line)
    value[RECORD_KEY]["split"] = PROBE
    return _encode(value)


def _probe_key(line: bytes) -> str:
    marker = json.loads(line)[RECORD_KEY]
    return hashlib.sha256(f"probe {marker['prompt']}".encode()).hexdigest()


def _encode(value: dict[str, Any]) -> bytes:
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
    )
