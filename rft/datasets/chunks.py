"""Cuts a file into chunks of bytes, and a chunk into blocks of whole lines, in flat memory.

A line belongs to the chunk in which it begins (the rule of Hadoop's line reader), so that chunks can be read
apart from each other and no line is read twice or lost.
"""

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from rft import catalogue

BLOCK_BYTES: Final = 1 << 18  # decoded, a block still fits a processor's cache
_END: Final = b"\n"


class Source(Protocol):
    """A file that can be opened anywhere."""

    @property
    def size(self) -> int:
        """Bytes of the whole file."""

    def open(self, start: int) -> AbstractContextManager[BinaryIO]:
        """Open it for reading from byte `start` on."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file of this machine."""

    path: Path

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def open(self, start: int) -> AbstractContextManager[BinaryIO]:
        stream = self.path.open("rb")
        stream.seek(start)
        return stream


@dataclass(frozen=True, slots=True)
class BytesSource:
    """Bytes in memory."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def open(self, start: int) -> AbstractContextManager[BinaryIO]:
        return io.BytesIO(self.data[start:])


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes [start, end) of a file."""

    start: int
    end: int


def chunks(size: int, most: int) -> list[Chunk]:
    """Cut `size` bytes into chunks of at most `most` bytes; an empty file has one empty chunk."""
    return [Chunk(start, min(size, start + most)) for start in range(0, size, most)] or [Chunk(0, 0)]


def blocks(source: Source, chunk: Chunk, max_line: int = catalogue.MAX_LINE_BYTES) -> Iterator[bytes]:
    """Yield blocks of whole lines that begin in the chunk; a line above `max_line` comes alone, and cut."""
    reader = _Reader(source, max(0, chunk.start - 1))
    with source.open(reader.position) as stream:
        if chunk.start > 0:
            reader.skip_line(stream)
        while reader.position < chunk.end:
            block = reader.block(stream, chunk.end, max_line)
            if not block:
                return
            yield block


class _Reader:
    """Where a stream is: `position` is that of the first byte of `rest`, which is read but not yet given."""

    def __init__(self, source: Source, position: int) -> None:
        self.position, self.rest = position, b""

    def block(self, stream: BinaryIO, end: int, max_line: int) -> bytes:
        """The next whole lines that begin before `end`; empty at the end of the file."""
        searched = 0
        while True:
            within = end - self.position
            if len(self.rest) >= within:
                cut = self.rest.find(_END, max(within - 1, searched)) + 1
            else:
                cut = self.rest.rfind(_END, searched) + 1
            if cut:
                return self._give(cut)
            begun = self.rest.rfind(_END) + 1  # the line that is still open
            if len(self.rest) - begun > max_line:
                return self._give(begun) if begun else self._cut_off(stream, max_line)
            searched = len(self.rest)
            data = stream.read(BLOCK_BYTES)
            if not data:
                return self._give(len(self.rest))
            self.rest += data

    def skip_line(self, stream: BinaryIO) -> None:
        """Leave out everything through the next line end."""
        while True:
            found = self.rest.find(_END)
            self._give(len(self.rest) if found < 0 else found + 1)
            if found >= 0:
                return
            self.rest = stream.read(BLOCK_BYTES)
            if not self.rest:
                return

    def _cut_off(self, stream: BinaryIO, max_line: int) -> bytes:
        line = self.rest[: max_line + 1]
        self.skip_line(stream)
        return line

    def _give(self, count: int) -> bytes:
        given, self.rest = self.rest[:count], self.rest[count:]
        self.position += count
        return given
