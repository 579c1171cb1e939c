"""Pairs and groups of near duplicates among many sketches, by their columns."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from rft.datasets.sketch import NEVER, PERMUTATIONS

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

ALL_PAIRS: Final = 200  # prompts of one key that are compared each with each; above, by bands
ROWS: Final = 4  # of a band: of prompts that resemble each other by half, 87 in 100 share one of the 32


def similar_pairs(
    keys: "Array", names: "Array", needed: "Array", signatures: "Array"
) -> Iterator[tuple[int, int]]:
    """Yield pairs (i < j) of near duplicates.

    Args:
        keys: u64 of shape (n,).
        names: u64 of shape (n,), bits.
        needed: u8 of shape (n,), per cent.
        signatures: u8 of shape (n, PERMUTATIONS).
    """
    import numpy as np

    for group in _groups(keys, np.flatnonzero(needed < NEVER)):
        parts = [group] if len(group) <= ALL_PAIRS else list(_bands(group, signatures))
        for part in parts:
            yield from _pairs(part, names, needed, signatures)


def groups_of(count: int, pairs: Iterator[tuple[int, int]]) -> "Array":
    """The smallest index of the group that each of `count` items is in, when pairs are joined (union-find)."""
    import numpy as np

    parents = np.arange(count)

    def root(item: int) -> int:
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = int(parents[item])
        return item

    for left, right in pairs:
        first, second = sorted((root(left), root(right)))
        parents[second] = first
    return np.array([root(item) for item in range(count)], dtype=np.int64)


def _groups(values: "Array", among: "Array") -> "Iterator[Array]":
    """Indices that share a value, in ascending order; those that share it with none are left out."""
    import numpy as np

    order = among[np.argsort(values[among], kind="stable")]
    bounds = np.flatnonzero(np.diff(values[order])) + 1
    return (group for group in np.split(order, bounds) if len(group) > 1)


def _bands(group: "Array", signatures: "Array") -> "Iterator[Array]":
    """Parts of a group whose members share a band of their signatures; cut where they would be too large."""
    import numpy as np

    for start in range(0, PERMUTATIONS, ROWS):
        band = np.ascontiguousarray(signatures[group, start : start + ROWS]).view(np.uint32).ravel()
        _, codes = np.unique(band, return_inverse=True)
        for part in _groups(codes, np.arange(len(group))):
            yield from np.array_split(group[part], -(-len(part) // ALL_PAIRS))


def _pairs(group: "Array", names: "Array", needed: "Array", signatures: "Array") -> Iterator[tuple[int, int]]:
    import numpy as np

    for place, left in enumerate(group[:-1]):
        others = group[place + 1 :]
        alike = 100 * (signatures[others] == signatures[left]).mean(axis=1) >= needed[others]
        same_names = np.bitwise_count(names[others] ^ names[left]) <= 1
        for right in others[alike & same_names]:
            yield (int(left), int(right)) if left < right else (int(right), int(left))
