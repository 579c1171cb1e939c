"""Condition keys that AWS fills in and MiniStack does not.

- `aws:SecureTransport` is true on the loopback endpoint: TLS-only statements stay in the templates, and the
  rehearsal needs no certificates.
- `cloudwatch:namespace` of PutMetricData.
- `dynamodb:LeadingKeys` of requests that name a key.
"""

import contextvars
import json
import re
import zlib
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core import iam_actions, iam_evaluator

from rehearsal.localaws.plugins import original, replace


def apply() -> None:
    original(iam_evaluator, "pin_request_origin", "de819c1bd9ac")
    iam_evaluator._request_origin = contextvars.ContextVar("origin", default=("127.0.0.1", True))
    app.pin_request_origin = _pin_as_secure
    replace(iam_actions, "request_tag_context", "d46adb816e02", _with_request_keys)
    replace(iam_actions, "dynamodb_service_context", "0f0021bdc8a3", _with_leading_keys)


def _pin_as_secure(source_ip: str, secure_transport: bool) -> None:
    iam_evaluator._request_origin.set((source_ip, True))


def _with_request_keys(tag_context: Any) -> Any:
    def context(service: str, iam_action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
        keys = dict(tag_context(service, iam_action, body, params))
        if iam_action == "cloudwatch:PutMetricData":
            namespace = _namespace(body, params)
            if namespace is not None:
                keys["cloudwatch:namespace"] = namespace
        return keys

    return context


def _namespace(body: bytes, params: dict[str, Any]) -> str | None:
    """The namespace of a PutMetricData request in any of CloudWatch's three encodings."""
    if "Namespace" in params:
        value = params["Namespace"]
        return str(value[0] if isinstance(value, list) else value)
    if body[:2] == b"\x1f\x8b":
        body = zlib.decompress(body, 31)
    if body[:1] == b"{":
        return _text(json.loads(body).get("Namespace"))
    if b"Namespace=" in body:
        return _text(parse_qs(body.decode("utf-8", "replace")).get("Namespace", [None])[0])
    found = re.search(
        rb"iNamespace(?:x(.)|([\x60-\x77]))", body, re.DOTALL
    )  # a CBOR text key and its text value
    if found is None:
        return None
    length = found.group(1)[0] if found.group(1) else found.group(2)[0] - 0x60
    return body[found.end() : found.end() + length].decode("utf-8", "replace")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _with_leading_keys(service_context: Any) -> Any:
    def context(body: bytes) -> dict[str, Any]:
        keys = dict(service_context(body))
        try:
            data = json.loads(body or b"{}")
        except ValueError:
            return keys
        leading = _leading_keys(data) if isinstance(data, dict) else []
        if leading:
            keys["dynamodb:LeadingKeys"] = leading
        return keys

    return context


def _leading_keys(data: dict[str, Any]) -> list[str]:
    from ministack.services import dynamodb

    table = dynamodb._tables.get(str(data.get("TableName", "")).rsplit("/", 1)[-1])
    schema = (table or {}).get("KeySchema") or []
    name = next((key["AttributeName"] for key in schema if key.get("KeyType") == "HASH"), None)
    if name is None:
        return []
    item = data.get("Key") or data.get("Item") or {}
    if name in item:
        return [str(next(iter(item[name].values())))]
    expression = str(data.get("KeyConditionExpression", ""))
    aliases = {alias for alias, real in (data.get("ExpressionAttributeNames") or {}).items() if real == name}
    for alias in aliases | {name}:
        found = re.search(rf"(?<![\w#]){re.escape(alias)}\s*=\s*(:\w+)", expression)
        if found:
            value = (data.get("ExpressionAttributeValues") or {}).get(found.group(1)) or {}
            return [str(next(iter(value.values())))] if value else []
    return []
