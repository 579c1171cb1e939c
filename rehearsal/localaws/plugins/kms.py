"""S3, DynamoDB, SNS and SQS use a customer managed key with the caller's permissions; MiniStack needs none.

Without this a role that lacks `kms:Decrypt` or `kms:GenerateDataKey` on the pipeline's key works here and
fails in AWS. The keys `kms:ViaService`, `kms:CallerAccount` and S3's encryption context are filled in.
"""

import contextvars
from collections.abc import Callable
from typing import Any, Final

from ministack import app
from ministack.core import iam_evaluator, responses
from ministack.services import dynamodb, kms, s3, sns, sqs

from rehearsal.localaws.plugins import original, replace

KEY_HEADER: Final = "x-amz-server-side-encryption-aws-kms-key-id"
READ, WRITE = ("kms:Decrypt",), ("kms:GenerateDataKey",)
ITEM_ACTIONS: Final = ("Item", "Query", "Scan")
Use = tuple[tuple[str, ...], str | None, dict[str, Any]]

_request: contextvars.ContextVar[tuple[str, dict[str, str], dict[str, Any]]] = contextvars.ContextVar(
    "request", default=("GET", {}, {})
)


def apply() -> None:
    original(iam_evaluator, "pin_signed_request", "7fbb21e6b82f")
    app.pin_signed_request = _remembering(app.pin_signed_request)
    replace(iam_evaluator, "enforce", "cf64b1ee5b09", _with_key_checks)


def _remembering(pin: Callable[..., None]) -> Callable[..., None]:
    def pin_and_remember(method: str, raw_path: str, query: dict[str, Any], headers: Any) -> None:
        named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
        _request.set((method, named, query))
        pin(method, raw_path, query, headers)

    return pin_and_remember


def _with_key_checks(enforce: Callable[..., Any]) -> Callable[..., Any]:
    def enforce_with_keys(
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: dict[str, Any] | None = None,
    ) -> Any:
        denied = enforce(access_key_id, iam_action, service, region, resource_arn, service_context)
        if denied is not None or not access_key_id or iam_evaluator.is_root_access_key(access_key_id):
            return denied
        actions, key_id, context = _key_use(iam_action, resource_arn)
        record = kms._resolve_key(key_id) if key_id else None
        if record is None:
            return None
        context |= {
            "kms:ViaService": f"{service}.{region}.amazonaws.com",
            "kms:CallerAccount": responses.get_account_id(),
        }
        for action in actions:
            refused = enforce(access_key_id, action, "kms", region, record["Arn"], context)
            if refused is not None:
                who = getattr(refused, "principal_arn", "")
                message = f"User: {who} is not authorized to perform: {action} on resource: {record['Arn']}"
                return iam_evaluator.AuthError("AccessDenied", message)
        return None

    return enforce_with_keys


def _key_use(iam_action: str, resource_arn: str) -> Use:
    """The KMS actions, the key and the further condition keys that a request brings with it."""
    service, _, name = iam_action.partition(":")
    if service == "s3" and name in ("GetObject", "GetObjectVersion", "PutObject"):
        return _object_use(name, resource_arn)
    if service == "dynamodb" and any(part in name for part in ITEM_ACTIONS):
        table = dynamodb._tables.get(resource_arn.split("/")[1]) if "/" in resource_arn else None
        return READ, ((table or {}).get("SSEDescription") or {}).get("KMSMasterKeyArn"), {}
    if iam_action == "sns:Publish":
        topic = sns._topics.get(resource_arn) or {}
        return WRITE + READ, (topic.get("attributes") or {}).get("KmsMasterKeyId"), {}
    if iam_action in ("sqs:SendMessage", "sqs:ReceiveMessage"):
        queue = sqs._queue_by_arn(resource_arn) or {}
        actions = READ if name == "ReceiveMessage" else WRITE + READ
        return actions, (queue.get("attributes") or {}).get("KmsMasterKeyId"), {}
    return (), None, {}


def _object_use(name: str, resource_arn: str) -> Use:
    method, headers, query = _request.get()
    bucket, _, key = resource_arn.removeprefix("arn:aws:s3:::").partition("/")
    bucket_key = "<BucketKeyEnabled>true" in _text(s3._bucket_encryption.get(bucket))
    context = {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}" if bucket_key else resource_arn}
    if name == "PutObject":
        default = s3._bucket_default_sse_headers(bucket).get(KEY_HEADER)
        multipart = "uploads" in query or "uploadId" in query
        return WRITE + (READ if multipart else ()), headers.get(KEY_HEADER) or default, context
    if method == "HEAD":
        return (), None, {}
    contents = s3._buckets.get(bucket) or {}
    stored = (contents.get("objects") or {}).get(key)
    return READ, s3._stored_sse_headers(stored).get(KEY_HEADER) if stored else None, context


def _text(raw: Any) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw or "")
