"""The port between the scan of a file and what looks at its records.

A file is scanned in chunks, each perhaps in a process or a function of its own. Within a chunk an *observer* sees
every well-formed record; it reports what one record shows by itself, and keeps a small state. When all chunks
are done, the check *concludes* from the states of all of them what only several records together show.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from rft.datasets.codes import Code

if TYPE_CHECKING:
    import msgspec

    from rft.datasets.rules import Rules


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a record, at a JSON path in it; never quotes the record's text."""

    code: Code
    path: str
    what: str
    fix: str
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A fault with its place: split and line, counted from 1 in the whole file (0 means the file)."""

    split: str
    line: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Seen:
    """What one chunk left of a check: `lines_before` the chunk in its file are to be added to its line numbers."""

    split: str
    lines_before: int
    state: Any


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What a check finds in all chunks together; `statistics` is JSON data for the report."""

    faults: Sequence[Placed] = ()
    statistics: Mapping[str, Any] = field(default_factory=dict)


class Observer(Protocol):
    """Sees the well-formed records of one chunk in order; `line` counts from 1 in the chunk."""

    def observe(self, record: Mapping[str, Any], line: int) -> Iterable[Fault]: ...

    def state(self) -> "msgspec.Struct":
        """What `Check.conclude` needs of this chunk: flat, at most some 200 bytes a record."""


class Check(Protocol):
    """One kind of check, without state of its own."""

    @property
    def name(self) -> str:
        """Key of its statistics in the report."""

    @property
    def state_type(self) -> "type[msgspec.Struct]":
        """Type of its observers' states; they travel as MessagePack."""

    def observer(self, split: str, rules: "Rules") -> Observer: ...

    def conclude(self, seen: Sequence[Seen], rules: "Rules") -> Conclusion:
        """Chunks come in the order train, validation, test, and within a file in the file's order."""
