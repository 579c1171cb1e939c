"""Test prompts of which passages stand in other records, inside a longer text for example (n-gram containment).

Source: the n-gram overlap by which GPT-3 (T. Brown et al., 2020, appendix C) and later reports look for test sets
in training data. Passages of many records belong to a template, and are not counted.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

MOST_RECORDS: Final = 3
LEAST_SHARED: Final = 6  # of the passages that are kept, one in four: some 30 words
LEAST_SHARE: Final = 0.75  # of the test prompt's passages
_NOTHING: Final[list[list[int]]] = [[], []]


def contained(passages: "Array", counts: "Array", is_test: "Array") -> Iterator[tuple[int, int]]:
    """Yield (other record, test record) where much of the test prompt stands in the other.

    Args:
        passages: u32, those of all records one after the other.
        counts: u32 of shape (n,), how many of them each record has.
        is_test: bool of shape (n,).
    """
    import numpy as np

    owner = np.repeat(np.arange(len(counts)), counts)
    once = np.unique(np.stack([passages.astype(np.int64), owner]), axis=1)
    values, owner = once
    _, inverse, records = np.unique(values, return_inverse=True, return_counts=True)
    rare = records[inverse] <= MOST_RECORDS
    values, owner = values[rare], owner[rare]
    tests = is_test[owner]
    left, right = values[~tests], values[tests]
    kept, place, times = np.unique(right, return_index=True, return_counts=True)
    holders = owner[tests]
    for step in range(MOST_RECORDS):
        at = np.searchsorted(kept, left)
        at[at == len(kept)] = 0
        same = (kept[at] == left) & (times[at] > step) if len(kept) else np.zeros(len(left), bool)
        pairs = np.stack([owner[~tests][same], holders[place[at[same]] + step]]) if same.any() else _NOTHING
        found, shared = np.unique(np.asarray(pairs), axis=1, return_counts=True)
        for (other, test), count in zip(found.T.tolist(), shared.tolist(), strict=True):
            if count >= max(LEAST_SHARED, LEAST_SHARE * int(counts[test])):
                yield other, test
