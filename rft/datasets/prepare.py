"""Writes the workflow's own copy of a dataset: every record marked with run, split, prompt hash and slice.

Lines in, lines out; the caller opens the objects. A prepared file has no blank line and ends with a line
feed.
"""

import hashlib
import heapq
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
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
    """Return the probe: `count` prepared records chosen by hash, each slice by its share, in the order of the file.

    Within a slice the choice depends on each record alone, so it is spread over the file and the same for the same
    dataset.
    """
    by_slice: dict[str | None, list[tuple[str, int, bytes]]] = defaultdict(list)
    totals: Counter[str | None] = Counter()
    for index, line in enumerate(prepared):
        marker = json.loads(line)[RECORD_KEY]
        name, kept = marker.get("slice"), by_slice[marker.get("slice")]
        totals[name] += 1
        kept.append((_probe_key(marker), index, line))
        if len(kept) > 2 * count:
            kept[:] = heapq.nsmallest(count, kept)
    shares = _seats(totals, count)
    chosen = [entry for name, kept in by_slice.items() for entry in heapq.nsmallest(shares[name], kept)]
    return [_as_probe(line) for _, _, line in sorted(chosen, key=lambda entry: entry[1])]


def _seats(totals: Counter[str | None], count: int) -> dict[str | None, int]:
    """How many of `count` go to each slice: its share, the rest to the largest remainders (Hamilton's method)."""
    whole = sum(totals.values())
    if whole <= count:
        return dict(totals)
    exact = {name: count * total / whole for name, total in totals.items()}
    seats = {name: int(share) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: (seats[name] - exact[name], str(name)))
    for name in by_remainder[: count - sum(seats.values())]:
        seats[name] += 1
    return seats


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


def _probe_key(marker: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"probe {marker['prompt']}".encode()).hexdigest()


def _encode(value: dict[str, Any]) -> bytes:
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"
    )
