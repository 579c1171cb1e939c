"""ScanChunk: checks the lines that begin in one chunk of a large file."""

from typing import Any

from rft.datasets.chunks import Chunk
from rft.runs.dataset_scan import scan_chunk
from rft.runs.step import Event, Run, workflow_step


@workflow_step(None)
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, split, start, end}` of `rft.runs.chunk_plan`; what was found lies in the artifacts bucket."""
    chunk = Chunk(event["start"], event["end"])
    scan_chunk(run.record, run.bucket, run.keys, event["split"], chunk)
    return {"split": event["split"], "start": chunk.start}
