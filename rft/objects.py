"""Objects in S3, streamed: a dataset of any size passes in bounded memory."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, cast

from rft.aws import client, code_of

PART_BYTES: Final = 8 * 1024 * 1024  # S3 asks for at least 5 MiB a part, except the last


def _where(bucket: str, key: str, version_id: str | None = None) -> dict[str, str]:
    return {"Bucket": bucket, "Key": key, **({"VersionId": version_id} if version_id else {})}


def object_version(bucket: str, key: str) -> str | None:
    """Version id of an object's newest version, "null" in an unversioned bucket; None without an object."""
    try:
        answer = client("s3").head_object(**_where(bucket, key))
    except Exception as error:
        if code_of(error) in {"404", "NoSuchKey", "NotFound"}:
            return None
        raise
    return str(answer.get("VersionId", "null"))


def object_metadata(bucket: str, key: str, version_id: str | None = None) -> dict[str, str]:
    """An object's own metadata (`x-amz-meta-*`), by lower-case name."""
    return dict(client("s3").head_object(**_where(bucket, key, version_id)).get("Metadata", {}))


def object_size(bucket: str, key: str, version_id: str | None = None) -> int:
    """Size of an object in bytes."""
    return int(client("s3").head_object(**_where(bucket, key, version_id))["ContentLength"])


def chunks(bucket: str, key: str, version_id: str | None = None, size: int = 1 << 20) -> Iterator[bytes]:
    """Stream an object's bytes."""
    body = client("s3").get_object(**_where(bucket, key, version_id))["Body"]
    with body:
        yield from body.iter_chunks(size)


def open_object(bucket: str, key: str, version_id: str | None = None) -> BinaryIO:
    """An object as a buffered binary stream."""
    body = client("s3").get_object(**_where(bucket, key, version_id))["Body"]
    return cast(BinaryIO, io.BufferedReader(body, 1 << 20))


@dataclass(frozen=True, slots=True)
class ObjectSource:
    """A version of an object, `size` bytes long, that can be opened anywhere."""

    bucket: str
    key: str
    version_id: str | None
    size: int

    def open(self, start: int) -> BinaryIO:
        """The object as a buffered binary stream from byte `start` on."""
        if start >= self.size:
            return io.BytesIO()
        wanted = {"Range": f"bytes={start}-{self.size - 1}"} if start else {}
        body = client("s3").get_object(**_where(self.bucket, self.key, self.version_id), **wanted)["Body"]
        return cast(BinaryIO, io.BufferedReader(body, 1 << 20))


def lines(bucket: str, key: str, version_id: str | None = None) -> Iterator[bytes]:
    """Stream an object's lines without their line feeds; a carriage return stays."""
    rest = b""
    for chunk in chunks(bucket, key, version_id):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
    if rest:
        yield rest


def read_bytes(bucket: str, key: str, start: int | None = None, length: int | None = None) -> bytes:
    """Read an object, or `length` bytes of it from byte `start`."""
    wanted = {} if start is None or length is None else {"Range": f"bytes={start}-{start + length - 1}"}
    data: bytes = client("s3").get_object(**_where(bucket, key), **wanted)["Body"].read()
    return data


def put_bytes(
    bucket: str,
    key: str,
    data: bytes,
    content_type: str = "application/octet-stream",
    metadata: Mapping[str, str] | None = None,
) -> None:
    client("s3").put_object(
        **_where(bucket, key), Body=data, ContentType=content_type, Metadata=dict(metadata or {})
    )


def put_json(bucket: str, key: str, document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False)
    put_bytes(bucket, key, text.encode() + b"\n", "application/json")


def list_keys(bucket: str, prefix: str) -> Iterator[str]:
    """Keys under a prefix in S3's (UTF-8 binary) order."""
    for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", ()):
            yield entry["Key"]


def upload(
    bucket: str,
    key: str,
    data: Iterable[bytes],
    content_type: str = "application/jsonl",
    metadata: Mapping[str, str] | None = None,
) -> int:
    """Write an object from an iterator in bounded memory; the object appears whole or not at all.

    Args:
        metadata: ASCII text by lower-case name, stored with the object.

    Returns:
        The number of bytes written.
    """
    source, buffer = iter(data), bytearray()
    for piece in source:
        buffer += piece
        if len(buffer) >= PART_BYTES:
            return _upload_parts(bucket, key, buffer, source, content_type, metadata or {})
    put_bytes(bucket, key, bytes(buffer), content_type, metadata)
    return len(buffer)


def _upload_parts(
    bucket: str,
    key: str,
    buffer: bytearray,
    source: Iterator[bytes],
    content_type: str,
    metadata: Mapping[str, str],
) -> int:
    s3, where = client("s3"), _where(bucket, key)
    begun = s3.create_multipart_upload(**where, ContentType=content_type, Metadata=dict(metadata))
    identity = {**where, "UploadId": begun["UploadId"]}
    parts: list[dict[str, Any]] = []
    total = 0

    def send() -> None:
        nonlocal total
        number = len(parts) + 1
        answer = s3.upload_part(**identity, PartNumber=number, Body=bytes(buffer))
        parts.append({"ETag": answer["ETag"], "PartNumber": number})
        total += len(buffer)
        buffer.clear()

    try:
        send()
        for piece in source:
            buffer += piece
            if len(buffer) >= PART_BYTES:
                send()
        if buffer:
            send()
        s3.complete_multipart_upload(**identity, MultipartUpload={"Parts": parts})
    except BaseException:
        s3.abort_multipart_upload(**identity)
        raise
    return total
