"""Uploads a dataset in the order that starts a run with all of its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rft import names, objects
from rft.runs.dataset_source import parse_upload
from rft.runs.force import to_metadata
from rft.runs.principal import UPLOADER_METADATA

UPLOAD_ORDER: Final = (names.VALIDATION, names.TEST, names.TRAIN)  # the train file starts the run
CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded dataset: the object that started the run, and when."""

    bucket: str
    key: str
    version_id: str
    at: datetime


def dataset_files(folder: Path) -> dict[str, Path]:
    """The files of a folder by split."""
    found = {split: folder / f"{split}.jsonl" for split in names.SPLITS}
    return {split: path for split, path in found.items() if path.is_file()}


def upload(
    bucket: str,
    use_case: str,
    dataset: str,
    files: Mapping[str, Path],
    *,
    uploader: str,
    force: str | None = None,
) -> Upload:
    """Upload validation and test first and the train file last, which starts the run.

    Args:
        uploader: ARN of whoever uploads, stored with the train file.
        force: why the same content is to be trained again, stored likewise.

    Raises:
        BadUpload: when the dataset's name is not one that starts a run; ValueError: when the reason is none.
    """
    metadata = {UPLOADER_METADATA: uploader, **(to_metadata(force) if force is not None else {})}
    train_key = names.dataset_key(use_case, dataset, names.TRAIN)
    parse_upload(train_key, use_case)
    at = datetime.now(UTC)
    for split in UPLOAD_ORDER:
        if split in files:
            with files[split].open("rb") as file:
                objects.upload(
                    bucket,
                    names.dataset_key(use_case, dataset, split),
                    iter(lambda file=file: file.read(CHUNK_BYTES), b""),  # type: ignore[misc]
                    metadata=metadata if split == names.TRAIN else None,
                )
    version = objects.object_version(bucket, train_key) or ""
    return Upload(bucket, train_key, version, at)
