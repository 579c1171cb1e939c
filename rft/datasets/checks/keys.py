"""Keys of records: `id`s that occur twice, slices that are missing or uneven, format markers that no prompt names."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
import xxhash

from rft.datasets.checks.port import Conclusion, Fault, Observer, Placed, Seen
from rft.datasets.checks.texts import prompt_text
from rft.datasets.codes import Code
from rft.datasets.rules import Rules
from rft.names import TRAIN

SKEWED_SHARE: Final = 0.8  # of one slice out of several
LEAST_RECORDS: Final = 50  # for a share to mean something
MAX_SLICES: Final = 1000


class State(msgspec.Struct):
    """Hashes (u64) of the ids and their lines (u32), records by slice, records without a slice, the first of them."""

    ids: bytes = b""
    lines: bytes = b""
    slices: dict[str, int] = {}
    without_slice: int = 0
    first_without: int = 0


class _Observer:
    def __init__(self, rules: Rules) -> None:
        self._rules, self._state = rules, State()
        self._ids, self._lines, self._slices = array("Q"), array("I"), Counter[str]()

    def observe(self, record: Mapping[str, Any], line: int) -> Iterable[Fault]:
        if isinstance(name := record.get("id"), str):
            self._ids.append(xxhash.xxh3_64_intdigest(name.encode("utf-8", "surrogatepass")))
            self._lines.append(line)
        if self._rules.slice_key is not None:
            part = record.get(self._rules.slice_key)
            if isinstance(part, str | int | float) and len(self._slices) < MAX_SLICES:
                self._slices[str(part)[:80]] += 1
            else:
                self._state.without_slice += 1
                self._state.first_without = self._state.first_without or line
        markers = self._rules.format_markers
        if markers and not any(marker in prompt_text(record) for marker in markers):
            what = "the prompt does not name the format that the reward parses"
            yield Fault(Code.FORMAT_MARKER_MISSING, "$.messages", what, f"ask for it: {' or '.join(markers)}")

    def state(self) -> State:
        self._state.ids, self._state.lines = self._ids.tobytes(), self._lines.tobytes()
        self._state.slices = dict(self._slices)
        return self._state


class _Check:
    name = "keys"
    state_type = State

    def observer(self, split: str, rules: Rules) -> Observer:
        return _Observer(rules)

    def conclude(self, seen: Sequence[Seen], rules: Rules) -> Conclusion:
        slices: dict[str, Counter[str]] = {}
        for part in seen:
            slices.setdefault(part.split, Counter()).update(part.state.slices)
        faults = [*_repeated_ids(seen), *_slice_faults(seen, slices, rules)]
        return Conclusion(faults, {"slices": {split: dict(c.most_common(20)) for split, c in slices.items()}})


CHECK: Final = _Check()


def _repeated_ids(seen: Sequence[Seen]) -> Iterable[Placed]:
    first: dict[int, tuple[str, int]] = {}
    for part in seen:
        for digest, line in zip(array("Q", part.state.ids), array("I", part.state.lines), strict=True):
            place = (part.split, part.lines_before + line)
            split, number = first.setdefault(digest, place)
            if (split, number) != place:
                what = f"the id is that of {split}.jsonl:{number}"
                yield Placed(
                    *place, Fault(Code.DUPLICATE_ID, "$.id", what, "give each record an id of its own")
                )


def _slice_faults(seen: Sequence[Seen], slices: Mapping[str, Counter[str]], rules: Rules) -> Iterable[Placed]:
    key = rules.slice_key
    for split in slices:
        parts = [part for part in seen if part.split == split and part.state.without_slice]
        missing = sum(part.state.without_slice for part in parts)
        if parts and slices[split]:  # a dataset without any slices is no mistake
            line = parts[0].lines_before + parts[0].state.first_without
            what = f"{missing} records, this the first, have no `{key}`, by which results are broken down"
            yield Placed(split, line, Fault(Code.SLICE_MISSING, f"$.{key}", what, "add the key"))
    train = slices.get(TRAIN, Counter())
    if len(train) > 1 and train.total() >= LEAST_RECORDS:
        count = max(train.values())
        if count > SKEWED_SHARE * train.total():
            what = f"{count / train.total():.0%} of the records are of one `{key}`"
            fault = Fault(
                Code.CLUSTER_SKEW, f"$.{key}", what, "add records of the others", f"{SKEWED_SHARE:.0%}"
            )
            yield Placed(TRAIN, 0, fault)
