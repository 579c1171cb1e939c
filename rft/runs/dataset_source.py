"""The uploaded dataset of a run, pinned to object versions so that a later upload changes nothing for it."""

import hashlib
import re
from typing import Final

from rft import objects
from rft.catalogue import MAX_FILE_BYTES
from rft.errors import BadUpload
from rft.names import NAME_PATTERN, SPLITS, TRAIN, dataset_key
from rft.runs.record import DatasetObject

DATASET_NAME_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_KEY: Final = re.compile(rf"(?P<use_case>{NAME_PATTERN})/(?P<dataset>{DATASET_NAME_PATTERN})/{TRAIN}\.jsonl")


def parse_upload(key: str, use_case: str) -> str:
    """The dataset's name in an uploaded object's key.

    Raises:
        BadUpload: when the key is not `<use case>/<dataset>/train.jsonl` of this use case.
    """
    match = _KEY.fullmatch(key)
    if match is None or match["use_case"] != use_case:
        raise BadUpload(
            f"object {key[:200]!r} starts no run: upload to {dataset_key(use_case, '<dataset>', TRAIN)}; "
            "<dataset> is at most 100 of A-Z a-z 0-9 . _ - and begins with a letter or digit"
        )
    return match["dataset"]


def locate(bucket: str, use_case: str, dataset: str) -> dict[str, DatasetObject]:
    """Pin and hash the files of a dataset, by split; validation and test only where they exist.

    Raises:
        BadUpload: when the train file is gone or a file is too large.
    """
    found = {}
    for split in SPLITS:
        key = dataset_key(use_case, dataset, split)
        version = objects.object_version(bucket, key)
        if version is not None:
            found[split] = _pin(bucket, key, version)
    if TRAIN not in found:
        raise BadUpload(
            f"{dataset_key(use_case, dataset, TRAIN)} is gone from bucket {bucket}; upload it again"
        )
    return found


def _pin(bucket: str, key: str, version: str) -> DatasetObject:
    size = objects.object_size(bucket, key, version)
    if size > MAX_FILE_BYTES:
        raise BadUpload(f"{key} has {size} bytes; at most {MAX_FILE_BYTES} are accepted; leave records out")
    sha256 = hashlib.sha256()
    for chunk in objects.chunks(bucket, key, version):
        sha256.update(chunk)
    return DatasetObject(
        bucket=bucket, key=key, version_id=version, sha256=sha256.hexdigest(), size_bytes=size
    )
