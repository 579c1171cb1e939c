"""Prompts that occur twice: within a file, with other references, and across files, where they spoil the test.

A prompt counts as the same whatever its case and white space; `rft.datasets.sketch` says what is nearly the same.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rft.datasets.checks.port import Conclusion, Fault, Observer, Placed, Seen
from rft.datasets.codes import Code
from rft.datasets.passages import contained
from rft.datasets.rules import Rules
from rft.datasets.similar import groups_of, similar_pairs
from rft.datasets.sketch import PERMUTATIONS, reference_hash, sketch
from rft.names import TEST

if TYPE_CHECKING:
    import numpy as np

_LEAK_FIX: Final = "remove it here, or the comparison with the base model means nothing"


class State(msgspec.Struct):
    """Columns of the records' sketches: `lines` u32, `normal`, `keys`, `names`, `references` u64 (0 for none),
    `needed` u8, `signatures` 128 u8 each, `passages` u32 and how many of them each record has in `counts` u32."""

    lines: bytes
    normal: bytes
    keys: bytes
    names: bytes
    references: bytes
    needed: bytes
    signatures: bytes
    passages: bytes
    counts: bytes


class _Observer:
    def __init__(self, rules: Rules) -> None:
        self._common = rules.common
        self._lines, self._needed, self._signatures = array("I"), array("B"), bytearray()
        self._normal, self._keys, self._names, self._references = (array("Q") for _ in range(4))
        self._passages, self._counts = array("I"), array("I")

    def observe(self, record: Mapping[str, Any], line: int) -> Iterable[Fault]:
        found = sketch(record["messages"], self._common)
        self._lines.append(line)
        self._normal.append(found.normal)
        self._keys.append(found.key)
        self._names.append(found.names)
        self._references.append(reference_hash(record))
        self._needed.append(found.needed)
        self._signatures.extend(found.signature)
        self._passages.extend(found.passages)
        self._counts.append(len(found.passages))
        return ()

    def state(self) -> State:
        columns = (
            self._lines,
            self._normal,
            self._keys,
            self._names,
            self._references,
            self._needed,
            self._signatures,
            self._passages,
            self._counts,
        )
        return State(*(bytes(column) for column in columns))


class _Check:
    name = "duplicates"
    state_type = State

    def observer(self, split: str, rules: Rules) -> Observer:
        return _Observer(rules)

    def conclude(self, seen: Sequence[Seen], rules: Rules) -> Conclusion:
        prompts = Prompts(seen)
        faults = [*_same(prompts), *_similar(prompts)]
        faults += _passages(prompts, {(placed.split, placed.line) for placed in faults})
        counts: dict[str, int] = {}
        for placed in faults:
            counts[placed.fault.code.value] = counts.get(placed.fault.code.value, 0) + 1
        return Conclusion(faults, {"prompts": len(prompts.lines), **counts})


CHECK: Final = _Check()


class Prompts:
    """The columns of all chunks together."""

    def __init__(self, seen: Sequence[Seen]) -> None:
        import numpy as np

        self.splits = [part.split for part in seen for _ in range(len(part.state.lines) // 4)]
        shifted = [np.frombuffer(p.state.lines, np.uint32).astype(np.int64) + p.lines_before for p in seen]
        self.lines = np.concatenate(shifted or [np.empty(0, np.int64)])
        self.normal = self._column(seen, "normal", np.uint64)
        self.keys = self._column(seen, "keys", np.uint64)
        self.names = self._column(seen, "names", np.uint64)
        self.references = self._column(seen, "references", np.uint64)
        self.needed = self._column(seen, "needed", np.uint8)
        self.passages = self._column(seen, "passages", np.uint32)
        self.counts = self._column(seen, "counts", np.uint32)
        self.signatures = self._column(seen, "signatures", np.uint8).reshape(-1, PERMUTATIONS)

    def place(self, index: int) -> str:
        return f"{self.splits[index]}.jsonl:{self.lines[index]}"

    def placed(self, index: int, code: Code, what: str, fix: str) -> Placed:
        return Placed(self.splits[index], int(self.lines[index]), Fault(code, "$.messages", what, fix))

    @staticmethod
    def _column(seen: Sequence[Seen], name: str, kind: Any) -> "np.ndarray[Any, Any]":
        import numpy as np

        return np.frombuffer(b"".join(getattr(part.state, name) for part in seen), kind)


def _same(prompts: Prompts) -> Iterator[Placed]:
    import numpy as np

    _, codes, counts = np.unique(prompts.normal, return_inverse=True, return_counts=True)
    for code in np.flatnonzero(counts > 1):
        yield from _repeats(prompts, [int(index) for index in np.flatnonzero(codes == code)], same=True)


def _similar(prompts: Prompts) -> Iterator[Placed]:
    import numpy as np

    pairs = similar_pairs(prompts.keys, prompts.names, prompts.needed, prompts.signatures)
    roots = groups_of(len(prompts.lines), pairs)
    _, codes, counts = np.unique(roots, return_inverse=True, return_counts=True)
    for code in np.flatnonzero(counts > 1):
        members = np.flatnonzero(codes == code)
        _, first = np.unique(prompts.normal[members], return_index=True)  # equal ones are told already
        if len(first) > 1:
            yield from _repeats(prompts, sorted(int(index) for index in members[first]), same=False)


def _passages(prompts: Prompts, told: set[tuple[str, int]]) -> Iterator[Placed]:
    """Records that hold much of a test prompt, besides those that are told of already."""
    import numpy as np

    is_test = np.array([split == TEST for split in prompts.splits], dtype=bool)
    for index, test in contained(prompts.passages, prompts.counts, is_test):
        if (prompts.splits[index], int(prompts.lines[index])) not in told:
            what = f"the prompt holds passages of {prompts.place(test)}"
            yield prompts.placed(index, Code.LEAKED_PASSAGE, what, "look whether it gives the test away")


def _repeats(prompts: Prompts, members: list[int], *, same: bool) -> Iterator[Placed]:
    """The faults of a group of prompts that are one another's duplicates; members in order."""
    held_out = [index for index in members if prompts.splits[index] == TEST]
    for position, index in enumerate(members):
        split = prompts.splits[index]
        if held_out and split != TEST:
            code = Code.LEAKED_PROMPT if same else Code.LEAKED_NEARLY
            what = f"the prompt is {'' if same else 'nearly '}that of {prompts.place(held_out[0])}"
            yield prompts.placed(index, code, what, _LEAK_FIX)
        earlier = [other for other in members[:position] if prompts.splits[other] == split]
        if earlier:
            code = Code.DUPLICATE_PROMPT if same else Code.NEAR_DUPLICATE
            what = f"the prompt {'repeats' if same else 'nearly repeats'} that of {prompts.place(earlier[0])}"
            yield prompts.placed(index, code, what, "keep one")
        elif position and split != TEST and prompts.splits[members[0]] != TEST:
            what = f"the prompt is {'' if same else 'nearly '}that of {prompts.place(members[0])}"
            yield prompts.placed(index, Code.VALIDATION_OVERLAP, what, "remove it from one")
        if same and position and prompts.references[index] != prompts.references[members[0]]:
            what = f"the prompt has another reference than at {prompts.place(members[0])}"
            yield prompts.placed(index, Code.CONFLICTING_REFERENCE, what, "keep the right one")
