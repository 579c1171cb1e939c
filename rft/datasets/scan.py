"""Scans one chunk of a file into a part, which travels as MessagePack and is merged with the others."""

import io
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from rft import catalogue
from rft.datasets.checks.port import Check, Fault, Observer
from rft.datasets.chunks import Chunk, Source, blocks
from rft.datasets.codes import Code
from rft.datasets.fast import clean_records
from rft.datasets.findings import MAX_SHOWN
from rft.datasets.lines import LineError, decode
from rft.datasets.plain import all_plain
from rft.datasets.rules import Rules
from rft.datasets.shape import record_faults
from rft.rewards.contract import content_text

Numbered = tuple[int, dict[str, Any]]


class Found(msgspec.Struct, array_like=True, frozen=True):
    """A fault at a line, counted from 1 in the chunk."""

    line: int
    code: str
    path: str
    what: str
    fix: str
    limit: str | None

    @classmethod
    def of(cls, line: int, fault: Fault) -> "Found":
        return cls(line, fault.code.value, fault.path, fault.what, fault.fix, fault.limit)

    @property
    def fault(self) -> Fault:
        return Fault(Code.named(self.code), self.path, self.what, self.fix, self.limit)


class Part(msgspec.Struct):
    """What a chunk gave: counts, the first faults of each code and how many there were, the checks' states."""

    lines: int = 0
    records: int = 0
    size: int = 0
    too_long: int = 0
    found: list[Found] = []
    counts: dict[str, int] = {}
    states: dict[str, bytes] = {}

    def encode(self) -> bytes:
        return msgspec.msgpack.encode(self)

    @staticmethod
    def decode(data: bytes) -> "Part":
        return _PART.decode(data)


_PART: Final = msgspec.msgpack.Decoder(Part)


def scan(source: Source, chunk: Chunk, split: str, rules: Rules, checks: Sequence[Check]) -> Part:
    """Read a chunk of a file once, in flat memory besides the checks' states."""
    scanning = _Scan(split, rules, checks)
    for block in blocks(source, chunk, rules.max_line_bytes):
        scanning.take(block, first=chunk.start == 0)
    return scanning.part()


class _Scan:
    def __init__(self, split: str, rules: Rules, checks: Sequence[Check]) -> None:
        self._rules = rules
        self._part = Part()
        self._counts: Counter[str] = Counter()
        self._observers: dict[str, Observer] = {c.name: c.observer(split, rules) for c in checks}

    def take(self, block: bytes, *, first: bool) -> None:
        before = self._part.lines
        records = clean_records(block)
        if records is not None:
            lines, numbered = len(records), list(enumerate(records, start=before + 1))
        else:
            lines, numbered = self._line_by_line(block, first=first and before == 0)
        self._part.lines += lines
        self._part.size += len(block)
        self._part.records += len(numbered)
        for line, record in self._sound(numbered):
            for observer in self._observers.values():
                self._add(line, observer.observe(record, line))

    def part(self) -> Part:
        encode = msgspec.msgpack.encode
        self._part.found.sort(key=lambda item: item.line)
        self._part.states = {name: encode(o.state()) for name, o in self._observers.items()}
        self._part.counts = dict(self._counts)
        return self._part

    def _line_by_line(self, block: bytes, *, first: bool) -> tuple[int, list[Numbered]]:
        numbered: list[Numbered] = []
        before = line = self._part.lines
        for line, text in enumerate(io.BytesIO(block), start=before + 1):
            try:
                record = decode(text, first=first and line == 1, max_bytes=self._rules.max_line_bytes)
                numbered.append((line, record))
            except LineError as error:
                self._add(line, [error.fault])
        return line - before, numbered

    def _sound(self, numbered: list[Numbered]) -> Iterable[Numbered]:
        """The records without a fault of shape, in order; the faults of the others are added."""
        required = self._rules.reference_required
        if not all_plain([record for _, record in numbered], reference_required=required):
            sound = []
            for line, record in numbered:
                faults = list(record_faults(record, reference_required=required))
                self._add(line, faults)
                if not any(fault.code.severity == "error" for fault in faults):
                    sound.append((line, record))
            numbered = sound
        self._measure(numbered)
        return numbered if self._observers else ()

    def _measure(self, numbered: list[Numbered]) -> None:
        limit = self._rules.max_prompt_tokens
        if limit is None:
            return
        most = limit * catalogue.CHARACTERS_PER_TOKEN
        for line, record in numbered:
            characters = prompt_characters(record["messages"])
            if characters > most:
                self._part.too_long += 1
                self._add(line, [_too_long(characters / catalogue.CHARACTERS_PER_TOKEN, limit)])

    def _add(self, line: int, faults: Iterable[Fault]) -> None:
        for fault in faults:
            if self._rules.level(fault.code) is None:
                continue
            self._counts[fault.code.value] += 1
            if self._counts[fault.code.value] <= MAX_SHOWN:
                self._part.found.append(Found.of(line, fault))


def prompt_characters(messages: Sequence[dict[str, Any]]) -> int:
    """Characters of all messages of a prompt."""
    total = 0
    for message in messages:
        content = message.get("content")
        total += len(content) if type(content) is str else len(content_text(content))
    return total


def _too_long(tokens: float, limit: int) -> Fault:
    return Fault(
        Code.PROMPT_TOO_LONG,
        "$.messages",
        f"the prompt has about {tokens:.0f} tokens, so Bedrock drops it silently",
        "shorten it or raise hyperparameters.maxPromptLength",
        f"{limit} tokens",
    )
