"""Writes what a converter yields: records into the files of the splits, dropped ones into a list with their reasons."""

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from rft.datasets.chunks import FileSource
from rft.datasets.converters.port import Dropped, Kept
from rft.datasets.converters.tables import write_csv, write_parquet
from rft.datasets.split import split_lines
from rft.names import SPLITS, TEST

DROPPED_FILE: Final = "dropped.jsonl"
Items = Iterable[Kept | Dropped]
TABLES: Final[Mapping[str, Callable[[Path, Iterable[Mapping[str, Any]]], int]]] = {
    "csv": write_csv,
    "parquet": write_parquet,
}
TARGETS: Final = ("jsonl", *TABLES)


@dataclass(slots=True)
class Written:
    """Records read, written by split, and dropped by reason; what was read is what was written and dropped."""

    read: int = 0
    records: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SPLITS, 0))
    dropped: Counter[str] = field(default_factory=Counter)


def write_dataset(
    train: Items,
    folder: Path,
    *,
    held_out: Items | None = None,
    validation: float = 0.05,
    test: float = 0.1,
    target: str = "jsonl",
) -> Written:
    """Write the files of the splits and `dropped.jsonl` into a folder.

    Args:
        train: what is to be split by content, and stratified by label or difficulty where records have one.
        folder: created when missing; files of the same names in it are replaced.
        held_out: a test set of its own; then nothing is taken from train for the test.
        validation: share of train for validation.
        test: share of train for the test, when `held_out` is None.
        target: `jsonl`, `csv` or `parquet`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:  # all of it appears in the folder, or nothing
        made = Path(scratch)
        written = _write(train, held_out, made, validation, test if held_out is None else 0.0)
        if target in TABLES:
            for split in SPLITS:
                _to_table(made / f"{split}.jsonl", target)
        for path in made.iterdir():
            path.replace(folder / path.name)
    if not written.dropped:
        (folder / DROPPED_FILE).unlink()
    return written


def _write(train: Items, held_out: Items | None, folder: Path, validation: float, test: float) -> Written:
    written, whole = Written(), folder / "records.jsonl"
    with ExitStack() as stack:
        dropped = stack.enter_context((folder / DROPPED_FILE).open("w", encoding="utf-8"))
        files = {split: stack.enter_context((folder / f"{split}.jsonl").open("wb")) for split in SPLITS}
        with whole.open("wb") as file:
            file.writelines(_kept(train, written, dropped))
        for split, line in split_lines(FileSource(whole), validation=validation, test=test):
            files[split].write(line)
            written.records[split] += 1
        for line in _kept(held_out or (), written, dropped):
            files[TEST].write(line)
            written.records[TEST] += 1
    whole.unlink()
    return written


def _kept(items: Items, written: Written, dropped: IO[str]) -> Iterator[bytes]:
    for item in items:
        written.read += 1
        if isinstance(item, Kept):
            yield encode(item.record)
        else:
            written.dropped[item.reason] += 1
            place = {"line": item.line} if item.file is None else {"file": item.file, "line": item.line}
            dropped.write(json.dumps({**place, "reason": item.reason}) + "\n")


def encode(record: Mapping[str, Any]) -> bytes:
    """The record's line in a dataset."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def _to_table(path: Path, target: str) -> None:
    with path.open("rb") as file:
        TABLES[target](path.with_suffix(f".{target}"), (json.loads(line) for line in file))
    path.unlink()
