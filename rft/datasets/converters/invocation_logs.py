"""Bedrock's model invocation logs: what production was asked becomes prompts.

Logs hold no references. They come from a file that is joined by prompt, or the logged answer is taken for one.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rft.datasets.converters.port import Dropped, Kept, Options
from rft.datasets.invocation_log import Call, UnusableLogError, matches, read_call
from rft.datasets.records import prompt_hash
from rft.errors import DatasetRejected
from rft.rewards.contract import REFERENCE_KEY

S3: Final = "s3://"
ENDINGS: Final = (".json.gz", ".jsonl.gz", ".json", ".jsonl")
_DATA: Final = "/data/"  # where bodies above 100 kB lie, which are no records


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which calls are wanted: by request metadata (in Bedrock's own shape), time, and part of the model's id;
    `references` by the hash of a prompt, or the logged answer when `use_response`."""

    metadata: Mapping[str, Any] | None = None
    since: datetime | None = None
    until: datetime | None = None
    model: str | None = None
    references: Mapping[str, Any] | None = None
    use_response: bool = False

    def refusal(self, call: Call) -> str | None:
        """Why a call is not wanted; None for one that is."""
        if self.metadata is not None and not matches(self.metadata, call.metadata):
            return "the request's metadata do not pass the filter"
        if self.since is not None and call.timestamp < self.since:
            return "before the time range"
        if self.until is not None and call.timestamp >= self.until:
            return "after the time range"
        if self.model is not None and self.model not in call.model:
            return "another model"
        return None


def from_invocation_logs(source: Path | str, options: Options) -> Iterator[Kept | Dropped]:
    """Yield the record of each logged call, once for each prompt; `source` is a file, a folder or `s3://bucket/prefix`.

    Raises:
        DatasetRejected: when there are no log files.
    """
    found = False
    for item in convert_logs(log_files(str(source)), options):
        found = True
        yield item
    if not found:
        raise DatasetRejected(f"{source}: no log files; they end in {', '.join(ENDINGS)}")


def convert_logs(files: Iterable[tuple[str, bytes]], options: Options) -> Iterator[Kept | Dropped]:
    """Yield the record of each call in log files, given as names and bytes."""
    wanted = options.logs or LogFilter()
    seen: set[str] = set()
    for name, data in files:
        for line, record in enumerate(_records(name, data), start=1):
            item = record if isinstance(record, str) else _item(record, wanted, options, seen)
            yield Dropped(line, item, name) if isinstance(item, str) else Kept(line, item)


def read_references(path: Path) -> dict[str, Any]:
    """References by the hash of their prompt, from a dataset file.

    Raises:
        DatasetRejected: when a line is no record with messages and a reference.
    """
    found = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                record = json.loads(line)
                found[prompt_hash(record["messages"])] = record[REFERENCE_KEY]
            except (ValueError, KeyError, TypeError):
                raise DatasetRejected(
                    f"{path}:{number}: no record with messages and {REFERENCE_KEY}"
                ) from None
    return found


def log_files(source: str) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each log file, in the order of their names, which is that of time."""
    if source.startswith(S3):
        from rft import objects

        bucket, _, prefix = source.removeprefix(S3).partition("/")
        for key in objects.list_keys(bucket, prefix):
            if key.endswith(ENDINGS) and _DATA not in key:
                yield f"{S3}{bucket}/{key}", objects.read_bytes(bucket, key)
        return
    path = Path(source)
    if not path.exists():
        raise FileNotFoundError(2, "No such file or directory", source)
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    for file in files:
        if file.is_file() and file.name.endswith(ENDINGS) and _DATA not in file.as_posix():
            yield file.as_posix(), file.read_bytes()


def _records(name: str, data: bytes) -> Iterator[Any]:
    """The records of a log file, or why a line is none; several on several lines, or one list."""
    try:
        text = (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError):
        yield "the file is no gzip of UTF-8 text" if name.endswith(".gz") else "the file is not UTF-8"
        return
    for line in text.splitlines():
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield "the line is not valid JSON"
            continue
        yield from value if isinstance(value, list) else [value]


def _item(record: Any, wanted: LogFilter, options: Options, seen: set[str]) -> dict[str, Any] | str:
    """The dataset record of a log record, or why there is none."""
    try:
        call = read_call(record)
    except UnusableLogError as error:
        return str(error)
    refusal = wanted.refusal(call)
    if refusal is not None:
        return refusal
    messages = [*call.messages]
    if messages[-1]["role"] == "assistant":  # the beginning of an answer, put into the model's mouth
        return "the prompt ends with the assistant's words"
    digest = prompt_hash(messages)
    if digest in seen:
        return "the prompt was logged before"
    seen.add(digest)
    reference = (wanted.references or {}).get(digest)
    if reference is None and wanted.references is not None:
        return "no reference for this prompt"
    if reference is None and wanted.use_response:
        if not call.response.strip():
            return "no answer was logged"
        reference = call.response
    if options.instruction is not None:
        last = messages[-1]
        messages[-1] = {**last, "content": f"{last['content']}\n\n{options.instruction}"}
    answer = {} if reference is None else {REFERENCE_KEY: reference}
    extra = {
        "logged_at": call.timestamp.isoformat(),
        "logged_model": call.model,
        "request_id": call.request_id,
    }
    return {"messages": messages, **answer, **call.metadata, **extra}
