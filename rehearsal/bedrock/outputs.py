"""Files that a job leaves in the customer's bucket."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlparse

from rehearsal.bedrock.trainer import Training

TRAINING_FILE: Final = "training_artifacts/step_wise_training_metrics.csv"
VALIDATION_FILE: Final = "validation_artifacts/post_fine_tuning_validation/validation_metrics.csv"
PROBE_FILE: Final = ".write_access_check_file.tmp"


def split_uri(uri: str) -> tuple[str, str]:
    """Split `s3://bucket/key`."""
    parsed = urlparse(uri)
    return parsed.netloc, parsed.path.lstrip("/")


def _place(uri: str, leaf: str) -> dict[str, str]:
    bucket, prefix = split_uri(uri)
    return {"Bucket": bucket, "Key": f"{prefix.rstrip('/')}/{leaf}".lstrip("/")}


def read_object(s3: Any, uri: str) -> bytes:
    bucket, key = split_uri(uri)
    data: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    return data


def list_keys(s3: Any, uri: str) -> list[str]:
    """Keys below a prefix, in order."""
    bucket, prefix = split_uri(uri)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix.rstrip('/')}/")
    return [entry["Key"] for page in pages for entry in page.get("Contents", ())]


def write_probe(s3: Any, uri: str) -> None:
    """Write the object by which Bedrock checks that it may write."""
    s3.put_object(**_place(uri, PROBE_FILE), Body=b"")


def write_metrics(s3: Any, uri: str, job_id: str, training: Training) -> None:
    """Write the metrics files; no validation file without validation data."""
    folder = f"model-customization-job-{job_id}"
    s3.put_object(**_place(uri, f"{folder}/{TRAINING_FILE}"), Body=to_csv(training.steps))
    if training.validations:
        s3.put_object(**_place(uri, f"{folder}/{VALIDATION_FILE}"), Body=to_csv(training.validations))


def to_csv(rows: Sequence[dict[str, float]]) -> bytes:
    """A CSV table; reals with six decimals."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if rows:
        writer.writerow(rows[0])
        writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue().encode()


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6f}"
