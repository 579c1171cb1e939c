"""ValidateDataset: checks the uploaded files and writes the run's own copy of them."""

from typing import Any

from rft import objects
from rft.errors import DatasetRejected
from rft.names import SPLITS
from rft.runs import dataset_copy, dataset_scan
from rft.runs.step import Event, Run, workflow_step


@workflow_step("ValidateDataset")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the number of records by split."""
    validation = dataset_scan.check(run.record, run.bucket, run.keys)
    objects.put_json(run.bucket, run.keys.validation_report, validation.to_json())
    if not validation.ok:
        report = f"s3://{run.bucket}/{run.keys.validation_report}"
        raise DatasetRejected(f"{validation.findings.summary()}; all findings: {report}")
    for split, records in validation.counts.items():
        run.set(("dataset", split), run.record.dataset[split].model_copy(update={"records": records}))
    prepared = dataset_copy.write(run.record, run.bucket, run.keys)
    run.set("prepared", {split: part.model_dump() for split, part in prepared.items()})
    return {split: prepared[split].records if split in prepared else 0 for split in SPLITS}
