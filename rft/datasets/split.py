"""Splits one file into train, validation and test by the content of its prompts.

Prompts that are the same or nearly so (`rft.datasets.sketch`) are a group and stay together, so that a split never
leaks. The hash of one member, the group's representative, decides for all of them. Records that are added,
removed or reordered therefore move no other record, unless they change its group or the slice it is in is small: a
slice gets at least half and at most one and a half of its share, and hash alone gives small ones more or less.
"""

import hashlib
import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rft.datasets.chunks import Source
from rft.datasets.lines import read_lines
from rft.datasets.records import Record, parse_record
from rft.names import TEST, TRAIN, VALIDATION

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

LABEL_KEYS: Final = ("label", "difficulty_level", "difficulty")  # what to stratify by when nothing is said
_BUCKETS: Final = 1 << 53
_LEAST, _MOST = 0.5, 1.5  # of its share that a slice gets


@dataclass(frozen=True, slots=True)
class Plan:
    """The split of every record of a file, in order, blank lines not counted; one byte a record."""

    splits: bytes

    def lines(self, source: Source) -> Iterator[tuple[str, bytes]]:
        """Yield each record's split and line, in the file's order; blank lines are dropped."""
        for split, line in zip(self.splits, _records(source), strict=True):
            yield _ORDER[split], line


_ORDER: Final = (TRAIN, VALIDATION, TEST)


def assign_split(prompt: str, *, validation: float, test: float) -> str:
    """Return the split of a prompt hash; `validation` and `test` are shares in [0, 1], exact only on
    average."""
    place = _place(prompt)
    if place < test:
        return TEST
    return VALIDATION if place < test + validation else TRAIN


def split_lines(
    source: Source, *, validation: float, test: float, slice_key: str | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield each record's split and line, in order, as `plan` says."""
    yield from plan(source, validation=validation, test=test, slice_key=slice_key).lines(source)


def plan(source: Source, *, validation: float, test: float, slice_key: str | None = None) -> Plan:
    """Decide the split of every record; some 200 bytes of memory a record while it works.

    Args:
        source: a validated dataset.
        validation: share for the validation set, 0 when such a file was uploaded.
        test: share for the held-out test set, 0 when such a file was uploaded.
        slice_key: extra key to stratify by; None for the first of `LABEL_KEYS` that a record has.
    """
    if validation <= 0 and test <= 0:
        return Plan(bytes(sum(1 for _ in _records(source))))
    prompts = _Prompts(source, slice_key)
    return Plan(_assigned(prompts, prompts.roots(), validation, test))


class _Prompts:
    """Sketches, hashes and slices of the records, as columns."""

    def __init__(self, source: Source, slice_key: str | None) -> None:
        from rft.datasets.sketch import common_sentences, sketch

        common = common_sentences(source)
        self.places, self.ranks, self.slices = array("d"), array("Q"), array("L")
        self._normal, self._keys, self._names = array("Q"), array("Q"), array("Q")
        self._needed, self._signatures = array("B"), bytearray()
        known: dict[str | None, int] = {}
        for line in _records(source):
            record = parse_record(line)
            digest = record.prompt_hash
            self.places.append(_place(digest))
            self.ranks.append(_number(f"representative {digest}"))
            self.slices.append(known.setdefault(_slice(record, slice_key), len(known)))
            found = sketch(record.messages, common)
            self._normal.append(found.normal)
            self._keys.append(found.key)
            self._names.append(found.names)
            self._needed.append(found.needed)
            self._signatures.extend(found.signature)

    def roots(self) -> "Array":
        """The first member of each record's group."""
        import numpy as np

        from rft.datasets.similar import groups_of, similar_pairs
        from rft.datasets.sketch import PERMUTATIONS

        normal = np.frombuffer(self._normal, np.uint64)
        keys, names = np.frombuffer(self._keys, np.uint64), np.frombuffer(self._names, np.uint64)
        signatures = np.frombuffer(self._signatures, np.uint8).reshape(-1, PERMUTATIONS)
        _, first, same = np.unique(normal, return_index=True, return_inverse=True)
        kept = np.sort(first)  # one of each text: copies are together anyway
        pairs = similar_pairs(
            keys[kept], names[kept], np.frombuffer(self._needed, np.uint8)[kept], signatures[kept]
        )
        groups = kept[groups_of(len(kept), pairs)]
        return groups[np.searchsorted(kept, first[same])]


def _assigned(prompts: _Prompts, roots: "Array", validation: float, test: float) -> bytes:
    import numpy as np

    places, slices = np.frombuffer(prompts.places), np.frombuffer(prompts.slices, np.dtype("L"))
    order = np.lexsort((np.frombuffer(prompts.ranks, np.uint64), roots))
    _, first, sizes = np.unique(roots[order], return_index=True, return_counts=True)
    chosen = order[first]  # of each group, by ascending root
    split = np.zeros(len(chosen), np.uint8)
    for value in np.unique(slices[chosen]):
        members = np.flatnonzero(slices[chosen] == value)
        members = members[np.argsort(places[chosen[members]], kind="stable")]
        told, weights = places[chosen[members]], sizes[members]
        held = _border(told < test, weights, weights.sum(), test)
        aside = _border(told[held:] < test + validation, weights[held:], weights.sum(), validation)
        split[members[:held]] = _ORDER.index(TEST)
        split[members[held : held + aside]] = _ORDER.index(VALIDATION)
    return split[np.searchsorted(roots[order][first], roots)].tobytes()


def _border(within: "Array", weights: "Array", total: int, share: float) -> int:
    """How many of a slice's groups, in the order of their places, are a set: those within its share of the places,
    as long as their records are about their share of the slice."""
    import numpy as np

    records = np.cumsum(weights)
    count = int(np.count_nonzero(within))
    held = int(records[count - 1]) if count else 0
    due = round(share * total, 6)
    least, most = math.floor(_LEAST * due), math.ceil(_MOST * due)
    if held < least:
        return min(int(np.searchsorted(records, least)) + 1, len(weights))
    if held > most:
        return int(np.searchsorted(records, most, side="right"))
    return count


def _slice(record: Record, key: str | None) -> str | None:
    keys = LABEL_KEYS if key is None else (key,)
    value = next((record.extra[key] for key in keys if key in record.extra), None)
    return str(value) if isinstance(value, str | int | float) else None


def _records(source: Source) -> Iterator[bytes]:
    with source.open(0) as stream:
        yield from (line for line in read_lines(stream) if line.strip())


def _place(prompt: str) -> float:
    return (_number(f"split {prompt}") >> 11) / _BUCKETS


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], "big")
