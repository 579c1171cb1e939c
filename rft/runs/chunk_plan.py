"""Which chunks of a run's upload are scanned beside each other; none when its files are small."""

from typing import Any

from rft.datasets.chunks import chunks
from rft.names import SPLITS
from rft.runs.record import RunRecord


def is_chunked(record: RunRecord) -> bool:
    """Whether a file is larger than one chunk."""
    most = record.settings.workflow.scan_chunk_bytes
    return any(part.size_bytes > most for part in record.dataset.values())


def chunks_to_scan(record: RunRecord) -> list[dict[str, Any]]:
    """Events of the function scan_chunk, in the order in which what they give is merged."""
    if not is_chunked(record):
        return []
    most = record.settings.workflow.scan_chunk_bytes
    return [
        {"run_id": record.run_id, "split": split, "start": chunk.start, "end": chunk.end}
        for split in SPLITS
        if split in record.dataset
        for chunk in chunks(record.dataset[split].size_bytes, most)
    ]
