"""Validates a run's upload: at once, or from what the functions that scanned its chunks left."""

from rft import objects
from rft.datasets.checks import checks_of
from rft.datasets.chunks import Chunk
from rft.datasets.merge import merge
from rft.datasets.outcome import Validation
from rft.datasets.report import render_dataset_report
from rft.datasets.rules import Rules
from rft.datasets.scan import Part
from rft.datasets.validate import scan_encoded, validate, with_common
from rft.names import SPLITS, TRAIN, RunKeys
from rft.objects import ObjectSource
from rft.runs.chunk_plan import chunks_to_scan
from rft.runs.dataset_copy import held_out
from rft.runs.record import DatasetCheck, DatasetObject, RunRecord


def check(record: RunRecord, bucket: str, keys: RunKeys) -> Validation:
    """Validate the uploaded files of a run."""
    rules, share = Rules.of(record.settings.use_case), sum(held_out(record))
    planned = chunks_to_scan(record)
    if not planned:
        files = {split: _source(record.dataset[split]) for split in SPLITS if split in record.dataset}
        return validate(files, rules, held_out_from_train=share)
    parts: dict[str, list[Part]] = {}
    for item in planned:
        key = keys.validation_part(item["split"], item["start"])
        parts.setdefault(item["split"], []).append(Part.decode(objects.read_bytes(bucket, key)))
    return merge(parts, rules, checks_of(rules), held_out_from_train=share)


def scan_chunk(record: RunRecord, bucket: str, keys: RunKeys, split: str, chunk: Chunk) -> None:
    """Scan one chunk of an uploaded file and leave what it gives for `check`."""
    rules = with_common(Rules.of(record.settings.use_case), _source(record.dataset[TRAIN]))
    part = scan_encoded(_source(record.dataset[split]), chunk, split, rules)
    objects.put_bytes(bucket, keys.validation_part(split, chunk.start), part)


def write_report(record: RunRecord, bucket: str, keys: RunKeys, found: Validation) -> DatasetCheck:
    """Store what was found as JSON and as a page, and return where."""
    document = found.to_json()
    title = f"{record.use_case} · {record.environment} · run {record.run_id}"
    objects.put_json(bucket, keys.validation_report, document)
    page = render_dataset_report(document, title=title)
    objects.put_bytes(bucket, keys.validation_page, page.encode(), "text/html; charset=utf-8")
    return DatasetCheck(
        errors=found.findings.errors,
        warnings=found.findings.warnings,
        report=f"s3://{bucket}/{keys.validation_report}",
        page=f"s3://{bucket}/{keys.validation_page}",
    )


def _source(part: DatasetObject) -> ObjectSource:
    return ObjectSource(part.bucket, part.key, part.version_id, part.size_bytes)
