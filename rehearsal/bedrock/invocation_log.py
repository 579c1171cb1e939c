"""Model invocation logging, as Bedrock does it: off until it is configured, then every call is a record in S3.

Source: Amazon Bedrock user guide, "Monitor model invocation using CloudWatch Logs and Amazon S3". The service batches
records; here each call is a file of its own.
"""

import gzip
import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from rehearsal.bedrock.errors import invalid
from rehearsal.bedrock.port import Port, Scope


class InvocationLog:
    """The one logging configuration of an account and region, and the writer of the records."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._configured: dict[Scope, dict[str, Any]] = {}
        # Delivered later, as by Bedrock; at once the emulator would wait for itself.
        self._delivery = ThreadPoolExecutor(max_workers=1, thread_name_prefix="invocation-log")

    def clear(self) -> None:
        self._configured.clear()

    def put(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        """PutModelInvocationLoggingConfiguration; it replaces what was there."""
        if "s3Config" not in params["loggingConfig"]:
            raise invalid("loggingConfig.s3Config: the rehearsal delivers logs to S3 only")
        self._configured[scope] = params["loggingConfig"]
        return {}

    def get(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        """GetModelInvocationLoggingConfiguration."""
        found = self._configured.get(scope)
        return {"loggingConfig": found} if found else {}

    def delete(self, scope: Scope, params: dict[str, Any]) -> dict[str, Any]:
        """DeleteModelInvocationLoggingConfiguration."""
        self._configured.pop(scope, None)
        return {}

    def record(self, scope: Scope, params: dict[str, Any], answer: dict[str, Any]) -> None:
        """Deliver the record of one Converse call, when logging is on for text."""
        found = self._configured.get(scope)
        if found is None or not found.get("textDataDeliveryEnabled", True):
            return
        now = datetime.now(UTC)
        request_id = str(uuid.uuid4())
        body = {name: value for name, value in params.items() if name not in ("modelId", "requestMetadata")}
        metadata = {"requestMetadata": params["requestMetadata"]} if params.get("requestMetadata") else {}
        record = {
            "schemaType": "ModelInvocationLog",
            "schemaVersion": "1.0",
            "timestamp": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "accountId": scope.account,
            "region": scope.region,
            "requestId": request_id,
            "operation": "Converse",
            "modelId": params["modelId"],
            **metadata,
            "input": {
                "inputContentType": "application/json",
                "inputBodyJson": body,
                "inputTokenCount": answer["usage"]["inputTokens"],
            },
            "output": {
                "outputContentType": "application/json",
                "outputBodyJson": answer,
                "outputTokenCount": answer["usage"]["outputTokens"],
            },
        }
        where = found["s3Config"]
        prefix = f"{where['keyPrefix'].rstrip('/')}/" if where.get("keyPrefix") else ""
        key = (
            f"{prefix}AWSLogs/{scope.account}/BedrockModelInvocationLogs/{scope.region}/{now:%Y/%m/%d/%H}/"
            f"{now:%Y%m%dT%H%M%S%f}Z_{request_id[:8]}.json.gz"
        )
        data = gzip.compress(json.dumps(record).encode() + b"\n")
        self._delivery.submit(self._port.put_object, scope, where["bucketName"], key, data)

    def flush(self) -> None:
        """Wait until every record so far is delivered."""
        self._delivery.submit(lambda: None).result()
