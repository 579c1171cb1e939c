"""The run's own copy of its dataset: validated, split, marked, and stored with the rest of the run."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

from rft import objects
from rft.datasets.lines import read_lines
from rft.datasets.prepare import prepare, probe_sample
from rft.datasets.records import parse_record
from rft.datasets.split import Plan, plan
from rft.errors import DatasetRejected
from rft.names import PROBE, SPLITS, TEST, TRAIN, VALIDATION, RunKeys
from rft.objects import ObjectSource
from rft.planning.lengths import PromptLengths, longest_prompt_characters
from rft.runs.record import DatasetObject, PreparedFile, RunRecord

CONTENT_TYPE: Final = "application/jsonl"


def held_out(record: RunRecord) -> tuple[float, float]:
    """Shares of the train file that become validation and test, 0 where a file was uploaded."""
    split = record.settings.use_case.dataset.split
    return (
        0.0 if VALIDATION in record.dataset else split.validation,
        0.0 if TEST in record.dataset else split.test,
    )


def write(record: RunRecord, bucket: str, keys: RunKeys) -> dict[str, PreparedFile]:
    """Write the prepared files of a valid dataset and return them by split; empty ones are left out.

    Raises:
        DatasetRejected: when too few prompts are held out for the gate to compare.
    """
    settings, found = record.settings.use_case, {}
    slice_key, (validation, test) = settings.dataset.slice_key, held_out(record)
    planned = plan(_whole(record.dataset[TRAIN]), validation=validation, test=test, slice_key=slice_key)
    for split in SPLITS:
        copy = _Copy(
            prepare(_lines(record, split, planned), run=record.run_id, split=split, slice_key=slice_key),
            longest_prompt_characters(settings.hyperparameters.maxPromptLength),
        )
        size = objects.upload(bucket, keys.dataset(split), copy, CONTENT_TYPE)
        if size:
            found[split] = copy.result(keys.dataset(split))
    held = found[TEST].records if TEST in found else 0
    if held < settings.gate.min_prompts:
        raise DatasetRejected(
            f"{held} held-out test records; gate.min_prompts: {settings.gate.min_prompts}; upload test.jsonl "
            "beside train.jsonl, or raise dataset.split.test"
        )
    prepared = (line + b"\n" for line in objects.lines(bucket, keys.dataset(TRAIN)))
    probe = _Copy(probe_sample(prepared, settings.probe.prompts), float("inf"))
    objects.upload(bucket, keys.dataset(PROBE), probe, CONTENT_TYPE)
    return {**found, PROBE: probe.result(keys.dataset(PROBE))}


def _source(part: DatasetObject) -> Iterator[bytes]:
    with objects.open_object(part.bucket, part.key, part.version_id) as stream:
        yield from read_lines(stream)


def _whole(part: DatasetObject) -> ObjectSource:
    return ObjectSource(part.bucket, part.key, part.version_id, part.size_bytes)


def _lines(record: RunRecord, split: str, planned: Plan) -> Iterator[bytes]:
    if split in record.dataset and split != TRAIN:
        yield from _source(record.dataset[split])
        return
    for assigned, line in planned.lines(_whole(record.dataset[TRAIN])):
        if assigned == split:
            yield line


class _Copy:
    """Passes lines on while counting, measuring and hashing them."""

    def __init__(self, lines: Iterable[bytes], longest_kept: float) -> None:
        self._lines, self._sha256, self._lengths = lines, hashlib.sha256(), PromptLengths(longest_kept)

    def __iter__(self) -> Iterator[bytes]:
        for line in self._lines:
            self._sha256.update(line)
            self._lengths.add(parse_record(line).prompt_characters)
            yield line

    def result(self, key: str) -> PreparedFile:
        return PreparedFile(
            key=key,
            sha256=self._sha256.hexdigest(),
            records=self._lengths.records,
            prompt_characters=self._lengths.mean,
            longest_prompt_characters=self._lengths.longest,
            too_long=self._lengths.too_long,
        )
