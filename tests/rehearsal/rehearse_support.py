"""Datasets, mistakes and questions about the outcome, for the tests that run the whole pipeline."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rehearsal.runner import follow_upload
from rehearsal.stage import Stage
from rft import aws, names
from rft.cli.follow import Followed, SilentDisplay
from rft.runs.upload import Upload, upload

ROOT = Path(__file__).resolve().parents[2]
# With an executor, with nothing, of the engine mantle, with a layer, with a judge.
USE_CASES = ("code-generation", "gsm8k", "gsm8k-open", "invoice-extraction", "summarization")
PART = {names.TRAIN: 110, names.VALIDATION: 20, names.TEST: 40}
Lines = Sequence[bytes]


def sample(use_case: str) -> dict[str, Path]:
    """The files of a use case's sample by split."""
    return {split: ROOT / "use_cases" / use_case / "sample" / f"{split}.jsonl" for split in names.SPLITS}


def changed_sample(
    folder: Path, change: Callable[[Lines], Lines] = lambda lines: lines, use_case: str = "gsm8k"
) -> dict[str, Path]:
    """A part of the sample, large enough for Bedrock and for the gate, with a changed train file."""
    files = {}
    for split, path in sample(use_case).items():
        part: Lines = path.read_bytes().splitlines(keepends=True)[: PART[split]]
        files[split] = folder / path.name
        files[split].write_bytes(b"".join(change(part) if split == names.TRAIN else part))
    return files


def edit(line: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    """A line whose record was changed in place."""
    record = json.loads(line)
    change(record)
    return json.dumps(record).encode() + b"\n"


def replaced(lines: Lines, number: int, line: bytes) -> Lines:
    """The lines with line `number` (from 1) replaced."""
    return [line if index == number else old for index, old in enumerate(lines, start=1)]


def run(stage: Stage, files: dict[str, Path], *, dataset: str, use_case: str = "gsm8k") -> Followed:
    """Upload a dataset and follow its run to the end."""
    uploaded: Upload = upload(
        stage.names.datasets_bucket, use_case, dataset, files, uploader=aws.caller_arn()
    )
    return follow_upload(stage, use_case, uploaded, SilentDisplay())


def job_names(stage: Stage) -> set[str]:
    """Names of all customization jobs there ever were."""
    pages = stage.local.client("bedrock").get_paginator("list_model_customization_jobs").paginate()
    return {job["jobName"] for page in pages for job in page["modelCustomizationJobSummaries"]}


class Inbox:
    """What the subscribers of the alert topic are told."""

    def __init__(self, stage: Stage) -> None:
        self._sqs = stage.local.client("sqs")
        arn = f"arn:aws:sqs:{stage.names.region}:{stage.names.account}:inbox"
        topic = f"arn:aws:sns:{stage.names.region}:{stage.names.account}:{stage.names.alert_topic}"
        statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        created = self._sqs.create_queue(QueueName="inbox", Attributes={"Policy": policy})
        self._url = created["QueueUrl"]
        stage.local.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def read(self) -> str:
        """Everything that has arrived since the last call."""
        found = []
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                found.append(message["Body"])
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return "\n".join(found)
