"""Datasets of scenarios: a given one with changes, each under a run id of its own."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from rft.names import TRAIN

Lines = Sequence[bytes]


def tag_first_record(lines: Lines, tag: str) -> Lines:
    """The same dataset under another run id: the first record gets an extra key that no reward reads."""
    first = json.loads(lines[0])
    first["rehearsal"] = tag
    return [json.dumps(first, ensure_ascii=False).encode() + b"\n", *lines[1:]]


class Datasets:
    """Makes changed copies of files by split; they last as long as the `with` block."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files
        self._folder = tempfile.TemporaryDirectory(prefix="rehearsal-data-")

    def __enter__(self) -> "Datasets":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def tagged(self, tag: str, mutate: Callable[[Lines], Lines] | None = None) -> Mapping[str, Path]:
        """The files with a train file of their own, changed by `mutate`."""
        lines = tag_first_record(self._files[TRAIN].read_bytes().splitlines(keepends=True), tag)
        changed = Path(self._folder.name) / f"{tag}.jsonl"
        changed.write_bytes(b"".join(mutate(lines) if mutate else lines))
        return {**self._files, TRAIN: changed}
