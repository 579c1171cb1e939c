"""What the simulated model knows: the reference of every prompt in any JSONL object of the emulator's S3.

A real model answers from its weights. The simulated one has none, so it looks prompts up; the policy decides
how well it then answers.
"""

import json
import threading
from collections.abc import Callable, Iterable

from rehearsal.bedrock.port import StoredObject
from rehearsal.bedrock.records import Record, make_record
from rehearsal.bedrock.strategies import Corpus


class Knowledge:
    """An index from prompt to record, kept up to date by ETag. Thread-safe."""

    def __init__(self, objects: Callable[[], Iterable[StoredObject]]) -> None:
        self._objects = objects
        self._lock = threading.Lock()
        self._read: dict[tuple[str, str], str] = {}
        self._records: dict[str, Record] = {}
        self.corpus = Corpus()

    def clear(self) -> None:
        with self._lock:
            self._read.clear()
            self._records.clear()
            self.corpus = Corpus()

    def find(self, key: str) -> Record | None:
        """Return the record of a prompt, reading new objects only when the prompt is not known yet."""
        found = self._records.get(key)
        if found is None:
            with self._lock:
                self._refresh()
            found = self._records.get(key)
        return found

    def _refresh(self) -> None:
        for item in self._objects():
            place = (item.bucket, item.key)
            if self._read.get(place) == item.etag:
                continue
            self._read[place] = item.etag
            self._learn(item.read())

    def _learn(self, data: bytes) -> None:
        references = []
        for line in data.splitlines():
            if b'"reference_answer"' not in line or b'"messages"' not in line:
                continue
            try:
                row = json.loads(line)
                record = make_record(row)
            except (ValueError, KeyError, TypeError, AttributeError):
                continue  # another kind of file; the training job reports on its own
            if record.reference is not None and record.messages[-1].get("role") != "assistant":
                self._records[record.key] = record
                references.append(record.reference)
        self.corpus.learn(references)
