"""Tables: CSV and Parquet, one record a row, read and written. Nested values are JSON in the cells of a CSV."""

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rft.datasets.converters.port import (
    PROMPT_COLUMNS,
    REFERENCE_COLUMNS,
    SYSTEM_COLUMNS,
    Dropped,
    Kept,
    Options,
    prompt_record,
)
from rft.errors import DatasetRejected
from rft.rewards.contract import REFERENCE_KEY

MESSAGES: Final = "messages"
BATCH_ROWS: Final = 1000
MAX_NAME: Final = 40  # characters of a column's name in a message; a longer one is no name


def from_csv(path: Path, options: Options) -> Iterator[Kept | Dropped]:
    """Yield a record for each row of a CSV file with a header.

    Raises:
        DatasetRejected: when the file is no CSV in UTF-8 or its columns hold no prompt.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            columns = _Columns.of(list(rows.fieldnames or []), options, path)
            for row in rows:
                yield _row(rows.line_num, {k: _cell(v) for k, v in row.items() if k}, columns, options)
    except (csv.Error, UnicodeDecodeError) as error:
        raise DatasetRejected(f"{path}: no CSV in UTF-8 with a header: {error}") from None


def from_parquet(path: Path, options: Options) -> Iterator[Kept | Dropped]:
    """Yield a record for each row of a Parquet file, in bounded memory.

    Raises:
        DatasetRejected: when the file is no Parquet or its columns hold no prompt.
    """
    import pyarrow.parquet as parquet
    from pyarrow import ArrowException

    try:
        file = parquet.ParquetFile(path)
    except (ArrowException, OSError) as error:
        raise DatasetRejected(f"{path}: no Parquet file: {type(error).__name__}") from None
    with file:
        columns = _Columns.of(file.schema_arrow.names, options, path)
        number = 0
        for batch in file.iter_batches(BATCH_ROWS):
            for row in batch.to_pylist():
                number += 1
                cells = {key: _cell(value) for key, value in row.items() if value is not None}
                yield _row(number, cells, columns, options)


def write_csv(path: Path, records: Iterable[Mapping[str, Any]]) -> int:
    """Write records as a CSV file whose columns are the keys of all of them; return how many."""
    kept = list(records)
    columns = list(dict.fromkeys(key for record in kept for key in record))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for record in kept:
            writer.writerow([_to_cell(record[key]) if key in record else "" for key in columns])
    return len(kept)


def write_parquet(path: Path, records: Iterable[Mapping[str, Any]]) -> int:
    """Write records as a Parquet file, nested and mixed values as JSON; return how many."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    kept = list(records)
    columns = list(dict.fromkeys(key for record in kept for key in record))
    table = {key: _column([record.get(key) for record in kept], arrow) for key in columns}
    parquet.write_table(arrow.table(table), path)
    return len(kept)


class _Columns:
    """Which columns hold what; `extra` are passed on to the reward function."""

    def __init__(self, prompt: str, reference: str | None, system: str | None, names: Sequence[str]) -> None:
        self.prompt, self.reference, self.system = prompt, reference, system
        self.extra = [name for name in names if name not in (prompt, reference, system)]

    @classmethod
    def of(cls, names: Sequence[str], options: Options, path: Path) -> "_Columns":
        shown = ", ".join(name[:MAX_NAME] for name in names[:20]) or "none"
        for wanted in (options.prompt, options.reference):
            if wanted is not None and wanted not in names:
                raise DatasetRejected(f"{path}: no column {wanted!r}; there are: {shown}")
        known = MESSAGES if MESSAGES in names else next((n for n in PROMPT_COLUMNS if n in names), None)
        prompt = options.prompt or known
        if prompt is None:
            raise DatasetRejected(f"{path}: no column for the prompt; pass --prompt-column, one of: {shown}")
        reference = options.reference or next((name for name in REFERENCE_COLUMNS if name in names), None)
        return cls(prompt, reference, next((name for name in SYSTEM_COLUMNS if name in names), None), names)


def _row(line: int, cells: Mapping[str, Any], columns: _Columns, options: Options) -> Kept | Dropped:
    prompt = cells.get(columns.prompt)
    reference = cells.get(columns.reference) if columns.reference else None
    extra = {name: cells[name] for name in columns.extra if cells.get(name) not in (None, "")}
    if columns.prompt == MESSAGES:
        if not isinstance(prompt, list):
            return Dropped(line, "the column `messages` holds no JSON list")
        answer = {} if reference in (None, "") else {REFERENCE_KEY: reference}
        return Kept(line, {MESSAGES: prompt, **answer, **extra})
    if not isinstance(prompt, str) or not prompt.strip():
        return Dropped(line, f"the column `{columns.prompt}` is empty or no text")
    if columns.reference and reference in (None, ""):
        return Dropped(line, f"the column `{columns.reference}` is empty")
    if reference is not None and not isinstance(reference, str | dict):
        reference = str(reference)
    system = cells.get(columns.system) if columns.system else None
    told = system if isinstance(system, str) and system.strip() else None
    return Kept(line, prompt_record(prompt, reference, options, system=told, **extra))


def _cell(value: Any) -> Any:
    """A cell's value: JSON objects, lists and quoted texts are read, everything else stays as it is."""
    if not isinstance(value, str) or value[:1] not in '{["':
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _column(values: Sequence[Any], arrow: Any) -> Any:
    """An Arrow array: numbers and truth values as such where a column holds nothing else, text otherwise."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) == 1 and kinds <= {bool, int, float}:
        return arrow.array(values)
    return arrow.array([None if value is None else _to_cell(value) for value in values], arrow.string())


def _to_cell(value: Any) -> str:
    """The text that `_cell` reads as this value; numbers and truth values are JSON as well."""
    if isinstance(value, str) and value[:1] not in '{["':
        return value
    return json.dumps(value, ensure_ascii=False)
