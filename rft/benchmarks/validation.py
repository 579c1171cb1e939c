"""`python -m rft.benchmarks.validation`: how fast a large file is validated, beside pydantic in the same run.

Every way runs in a process of its own, on the same file; the peak is that of all its processes together.
"""

import json
import os
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.table import Table

from rft.benchmarks import pydantic_validator
from rft.datasets.chunks import FileSource
from rft.datasets.rules import Rules
from rft.datasets.validate import validate

RECORD_WORDS: Final = 270  # some 2 kB
POOL: Final = 20_000
MEGA: Final = 1_000_000
_KIBI: Final = 1024


@dataclass(frozen=True, slots=True)
class Way:
    """A way to validate: what it is called, and what finds the number of faults in a file."""

    name: str
    faults: Callable[[Path], int]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a way took: seconds of wall clock, peak memory in MB, faults found."""

    name: str
    seconds: float
    peak_mb: float
    faults: int


def _rft(path: Path, *, jobs: int, quality: bool) -> int:
    rules = Rules(
        min_training_records=100,
        max_records=10**9,
        max_prompt_tokens=pydantic_validator.MAX_PROMPT_TOKENS,
        quality=quality,
    )
    return sum(validate({"train": FileSource(path)}, rules, jobs=jobs).findings.counts.values())


def _ways(jobs: int, quality: bool) -> list[Way]:
    ways = [
        Way(f"rft validate --quick, {jobs} processes", lambda path: _rft(path, jobs=jobs, quality=False)),
        Way("rft validate --quick, 1 process", lambda path: _rft(path, jobs=1, quality=False)),
        Way("pydantic, same checks", lambda path: sum(1 for _ in pydantic_validator.same_checks(path))),
        Way("pydantic, schema only", lambda path: sum(1 for _ in pydantic_validator.schema_only(path))),
    ]
    whole = Way(f"rft validate, {jobs} processes", lambda path: _rft(path, jobs=jobs, quality=True))
    return [*ways, whole] if quality else ways


def write_records(path: Path, size: int, seed: int = 1) -> int:
    """Write a dataset of about `size` bytes, records of some 2 kB each; return how many."""
    chance = random.Random(seed)  # noqa: S311 a benchmark's data
    letters = "etaoinshrdlu"
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(POOL)]
    written = records = 0
    with path.open("wb") as file:
        while written < size:
            text = " ".join(chance.choices(words, k=RECORD_WORDS))
            record = {
                "messages": [
                    {"role": "system", "content": "Answer the question with a number."},
                    {"role": "user", "content": f"{text}?"},
                ],
                "reference_answer": f"It is {records}.\n#### {records}",
                "task_id": f"task-{records}",
                "difficulty_level": ("easy", "hard")[records % 2],
            }
            written += file.write(json.dumps(record).encode() + b"\n")
            records += 1
    return records


def measure(way: Way, path: Path) -> Measured:
    """Run a way in a process of its own."""
    context = get_context("fork")  # the way is a closure, which only a fork can pass on
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(way, path, send))
    process.start()
    send.close()
    try:
        seconds, peak, faults = receive.recv()
    except EOFError:
        raise RuntimeError(f"{way.name} ended without a result") from None
    finally:
        process.join()
    return Measured(way.name, seconds, peak, faults)


def _run(way: Way, path: Path, send: Any) -> None:
    began = time.perf_counter()
    faults = way.faults(path)
    seconds = time.perf_counter() - began
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    largest_child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    jobs = (os.cpu_count() or 1) if largest_child else 0
    send.send((seconds, (own + jobs * largest_child) * _KIBI / MEGA, faults))


def main(
    megabytes: Annotated[int, typer.Option("--mb", min=1, help="Size of the file.")] = 1000,
    quality: Annotated[bool, typer.Option("--quality", help="Measure all checks, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Validate a file of generated records in several ways, and print speed, memory and ratios."""
    progress = Console(stderr=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.jsonl"
        progress.print(f"writing {megabytes} MB ...")
        records = write_records(path, megabytes * MEGA)
        size = path.stat().st_size
        found = []
        for way in _ways(os.cpu_count() or 1, quality):
            progress.print(f"{way.name} ...")
            found.append(measure(way, path))
    document = _document(records, size, found)
    if as_json:
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        _show(document)


def _document(records: int, size: int, found: list[Measured]) -> dict[str, Any]:
    first = found[0].seconds
    ways = [
        {
            "name": item.name,
            "mb_per_second": round(size / MEGA / item.seconds, 1),
            "peak_mb": round(item.peak_mb, 1),
            "slower_than_the_first": round(item.seconds / first, 2),
            "faults": item.faults,
        }
        for item in found
    ]
    return {"records": records, "bytes": size, "ways": ways}


def _show(document: dict[str, Any]) -> None:
    table = Table(title=f"{document['records']:,} records, {document['bytes'] / MEGA:,.0f} MB")
    table.add_column("way")
    for name in ("MB/s", "peak MB", "time, in times the first", "faults"):
        table.add_column(name, justify="right")
    for way in document["ways"]:
        cells = (way["mb_per_second"], way["peak_mb"], way["slower_than_the_first"], way["faults"])
        table.add_row(way["name"], *(f"{cell:,}" for cell in cells))
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
