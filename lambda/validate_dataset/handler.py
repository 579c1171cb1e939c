"""ValidateDataset: checks the uploaded files and writes the run's own copy of them."""

from typing import Any

from rft.errors import DatasetRejected
from rft.names import SPLITS
from rft.runs import dataset_copy, dataset_scan
from rft.runs.step import Event, Run, workflow_step


@workflow_step("ValidateDataset")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the number of records by split."""
    validation = dataset_scan.check(run.record, run.bucket, run.keys)
    check = dataset_scan.write_report(run.record, run.bucket, run.keys, validation)
    run.set("validation", check.model_dump())
    if not validation.ok:
        raise DatasetRejected(f"{validation.findings.summary()}; all findings: {check.page}")
    for split, records in validation.counts.items():
        run.set(("dataset", split), run.record.dataset[split].model_copy(update={"records": records}))
    prepared = dataset_copy.write(run.record, run.bucket, run.keys)
    run.set("prepared", {split: part.model_dump() for split, part in prepared.items()})
    return {split: prepared[split].records if split in prepared else 0 for split in SPLITS}
