"""Validates the files of a dataset: scans their chunks, here or in processes of their own, and merges the parts.

Memory is flat besides the checks' states, which hold some 200 bytes a record.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Final

from rft.datasets.checks import checks_of
from rft.datasets.chunks import Chunk, Source, chunks
from rft.datasets.merge import merge
from rft.datasets.outcome import Validation
from rft.datasets.rules import Rules
from rft.datasets.scan import Part, scan
from rft.names import TRAIN

CHUNK_BYTES: Final = 64 << 20
Progress = Callable[[int], None]


def validate(
    files: Mapping[str, Source],
    rules: Rules,
    *,
    held_out_from_train: float = 0.0,
    jobs: int = 1,
    progress: Progress = lambda done: None,
) -> Validation:
    """Validate a dataset.

    Args:
        files: per split (train, validation, test, in this order); train is required.
        rules: the limits.
        held_out_from_train: share of train that the split will take away, in [0, 1).
        jobs: processes to scan large files with; 1 scans in this one, as Lambda must.
        progress: told the bytes of every chunk that is done.
    """
    rules = with_common(rules, files[TRAIN])
    work = [(split, chunk) for split, file in files.items() for chunk in chunks(file.size, CHUNK_BYTES)]
    parts: dict[str, list[Part]] = {split: [] for split in files}
    large = sum(file.size for file in files.values()) > CHUNK_BYTES
    scanned = _scanned(files, work, rules, min(jobs, len(work)) if large else 1)
    for (split, chunk), part in zip(work, scanned, strict=True):
        parts[split].append(part)
        progress(chunk.end - chunk.start)
    return merge(parts, rules, checks_of(rules), held_out_from_train=held_out_from_train)


def with_common(rules: Rules, train: Source) -> Rules:
    """The rules with what many records of the train file share, which every chunk must be scanned with."""
    if not rules.quality:
        return rules
    from rft.datasets.sketch import common_sentences

    return replace(rules, common=common_sentences(train))


def _scanned(
    files: Mapping[str, Source], work: list[tuple[str, Chunk]], rules: Rules, jobs: int
) -> Iterator[Part]:
    if jobs <= 1:
        for split, chunk in work:
            yield scan(files[split], chunk, split, rules, checks_of(rules))
        return
    with ProcessPoolExecutor(jobs) as pool:
        tasks = [pool.submit(scan_encoded, files[split], chunk, split, rules) for split, chunk in work]
        for task in tasks:
            yield Part.decode(task.result())


def scan_encoded(source: Source, chunk: Chunk, split: str, rules: Rules) -> bytes:
    """Scan a chunk in a process of its own."""
    return scan(source, chunk, split, rules, checks_of(rules)).encode()
