"""A range of an object's version: MiniStack reads ranges of the newest version only, and gives the whole of others."""

from collections.abc import Callable
from typing import Any

from ministack.services import s3

from rehearsal.localaws.plugins import replace

Answer = tuple[int, dict[str, str], Any]


def apply() -> None:
    replace(s3, "_get_object", "64ad7071ef0e", _cut_to_range)


def _cut_to_range(get: Callable[..., Answer]) -> Callable[..., Answer]:
    def get_object(
        bucket: str, key: str, headers: dict[str, str], query_params: dict[str, Any] | None = None
    ) -> Answer:
        asked = headers.get("range", "")
        versioned = bool(s3._qp(query_params or {}, "versionId", ""))
        if not (asked and versioned):
            return get(bucket, key, headers, query_params)
        whole = {name: value for name, value in headers.items() if name != "x-amz-checksum-mode"}
        status, answer, body = get(bucket, key, whole, query_params)
        if status != 200 or "Content-Range" in answer:
            return status, answer, body
        found = s3._parse_range(asked, len(body))
        if found is None:
            refused = {"Content-Type": "application/xml", "Content-Range": f"bytes */{len(body)}"}
            return 416, refused, s3._xml_body(s3._range_error_xml(bucket, key))
        start, end = found
        part = body[start : end + 1]
        cut = {"Content-Length": str(len(part)), "Content-Range": f"bytes {start}-{end}/{len(body)}"}
        return 206, {**answer, **cut}, part

    return get_object
