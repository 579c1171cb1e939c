"""A dataset out of production's logs: the base model is asked with logging on, and what Bedrock logged is converted.

The references, which no log holds, are those of the dataset that production's questions are taken from.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from rehearsal.stage import Stage
from rft import aws, names, objects
from rft.datasets.converters.invocation_logs import LogFilter, from_invocation_logs, read_references
from rft.datasets.converters.port import Options
from rft.datasets.converters.writing import Written, write_dataset
from rft.evaluation.prompts import converse_prompt

PREFIX: Final = "production"
APPLICATION, PURPOSE = "application", "purpose"
HELD_OUT: Final = "held-out"
CALLERS: Final = 4
DELIVERY_SECONDS: Final = 60.0


class NoLogsError(RuntimeError):
    """The logs did not arrive."""


def logged_dataset(
    stage: Stage,
    use_case: str,
    model: str,
    files: Mapping[str, Path],
    folder: Path,
    tell: Callable[[str], None],
) -> dict[str, Path]:
    """Ask `model` every prompt of a dataset as production would, and return a dataset out of the logs, by split."""
    bucket = f"rft-local-invocation-logs-{stage.names.account}"
    aws.client("s3").create_bucket(Bucket=bucket)
    with _logging_to(bucket):
        calls = sum(_ask_all(use_case, model, split, path) for split, path in files.items())
        _await_delivery(bucket, calls)
    tell(f"Production asked {calls} questions; converting what Bedrock logged")
    references: dict[str, Any] = {}
    for path in files.values():
        references |= read_references(path)
    held_out = {"equals": {PURPOSE: HELD_OUT}}
    train = {"andAll": [{"equals": {APPLICATION: use_case}}, {"notEquals": {PURPOSE: HELD_OUT}}]}
    source = f"s3://{bucket}/{PREFIX}/"
    chosen = (
        from_invocation_logs(source, Options(logs=LogFilter(metadata=wanted, references=references)))
        for wanted in (train, held_out)
    )
    written = write_dataset(next(chosen), folder, held_out=next(chosen))
    tell(_told(written))
    return {split: folder / f"{split}.jsonl" for split in names.SPLITS}


@contextmanager
def _logging_to(bucket: str) -> Iterator[None]:
    bedrock = aws.client("bedrock")
    bedrock.put_model_invocation_logging_configuration(
        loggingConfig={
            "s3Config": {"bucketName": bucket, "keyPrefix": PREFIX},
            "textDataDeliveryEnabled": True,
        }
    )
    try:
        yield
    finally:
        bedrock.delete_model_invocation_logging_configuration()


def _await_delivery(bucket: str, calls: int) -> None:
    """Logs come later than answers."""
    deadline = time.monotonic() + DELIVERY_SECONDS
    while sum(1 for _ in objects.list_keys(bucket, f"{PREFIX}/")) < calls:
        if time.monotonic() > deadline:
            raise NoLogsError(f"s3://{bucket}/{PREFIX}: Bedrock did not log all {calls} calls in time")
        time.sleep(0.2)


def _ask_all(use_case: str, model: str, split: str, path: Path) -> int:
    purpose = HELD_OUT if split == names.TEST else "traffic"
    metadata = {APPLICATION: use_case, PURPOSE: purpose}
    runtime = aws.client("bedrock-runtime")

    def ask(line: bytes) -> None:
        record = json.loads(line)
        prompt = converse_prompt(record["messages"], record.get("tools"))
        runtime.converse(modelId=model, requestMetadata=metadata, **prompt)

    lines = path.read_bytes().splitlines()
    with ThreadPoolExecutor(CALLERS) as pool:
        return sum(1 for _ in pool.map(ask, lines))


def _told(written: Written) -> str:
    kept = ", ".join(f"{count} {split}" for split, count in written.records.items())
    return f"The logs gave {kept}; {written.dropped.total()} of {written.read} records were left out by the filters"
