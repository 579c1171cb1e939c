"""A dataset that stands for Bedrock's invocation logs: what a run validates, probes and evaluates, while Bedrock trains
on the logs themselves."""

from datetime import UTC, datetime
from pathlib import Path

from rft.datasets.converters.invocation_logs import LogFilter, from_invocation_logs
from rft.datasets.converters.port import Options
from rft.datasets.converters.writing import write_dataset
from rft.errors import DatasetRejected
from rft.log_source import DATASET_PREFIX, InvocationLogs


def dataset_of_logs(logs: InvocationLogs, folder: Path) -> str:
    """Write train and test of a use case's logs into a folder; return the dataset's name.

    Raises:
        DatasetRejected: when the logs give nothing to train on, or nothing that is held out.
    """
    train, test = (
        from_invocation_logs(logs.s3_uri, Options(logs=LogFilter(metadata=wanted)))
        for wanted in (logs.training_filter, logs.test_filter)
    )
    written = write_dataset(train, folder, held_out=test, validation=0.0)
    for split, count in written.records.items():
        if count == 0 and split != "validation":
            raise DatasetRejected(
                f"{logs.s3_uri}: the filters leave no {split} records of {written.read} logged calls"
            )
    (folder / "validation.jsonl").unlink()
    return f"{DATASET_PREFIX}{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
