"""The pipeline's only way to AWS besides the engines: cached clients, streaming S3, small one-call helpers.

boto3 is imported when the first client is made, so that importing a handler stays fast. Every client retries
throttling and transient faults itself and never waits longer than its timeouts.
"""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, BinaryIO, Final, Literal, cast

from rft.errors import RftError

Service = Literal[
    "bedrock",
    "bedrock-runtime",
    "cloudwatch",
    "dynamodb",
    "lambda",
    "logs",
    "s3",
    "sns",
    "ssm",
    "stepfunctions",
    "sts",
]

CONNECT_TIMEOUT_SECONDS: Final = 5
READ_TIMEOUT_SECONDS: Final = 60
# Model answers and reward batches take longer than an API call, but never longer than a function may run.
SLOW_READ_TIMEOUT_SECONDS: Final = 880
_SLOW: Final = frozenset({"bedrock-runtime", "lambda"})
MAX_ATTEMPTS: Final = 5
PART_BYTES: Final = 8 * 1024 * 1024  # S3 asks for at least 5 MiB a part, except the last

_DENIED_CODES: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException", "403"}
)
_THROTTLED_CODES: Final = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "SlowDown",
    }
)
_TRANSIENT_CODES: Final = frozenset(
    {
        "InternalError",
        "InternalServerError",
        "InternalFailure",
        "ServiceUnavailable",
        "ServiceException",
        "500",
        "503",
    }
)


class AccessDenied(RftError):
    """AWS refused a call for a missing permission; the message names the action and the resource."""


class ThrottlingException(Exception):
    """AWS throttled a call more often than the client retries."""


class ServiceUnavailableException(Exception):
    """AWS had an internal fault more often than the client retries."""


class FunctionFailed(RftError):
    """A Lambda function that was invoked synchronously raised; the message has its error type and message."""


@cache
def client(service: Service) -> Any:
    """The process's client of a service, made on first use."""
    import boto3
    from botocore.config import Config

    slow = service in _SLOW
    return boto3.client(
        service,
        config=Config(
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=SLOW_READ_TIMEOUT_SECONDS if slow else READ_TIMEOUT_SECONDS,
            retries={
                "mode": "adaptive" if service == "bedrock-runtime" else "standard",
                "total_max_attempts": MAX_ATTEMPTS,
            },
        ),
    )


def code_of(error: BaseException) -> str:
    """AWS's error code of a client error; empty for every other exception."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, Mapping) else ""


@contextmanager
def named_errors() -> Iterator[None]:
    """Turn client errors that botocore leaves unnamed into classes that the workflow can tell apart.

    Lambda reports the class name as `errorType`; a bare `ClientError` would hide whether to retry.

    Raises:
        AccessDenied, ThrottlingException, ServiceUnavailableException: in place of the client error.
    """
    try:
        yield
    except Exception as error:
        code, message = code_of(error), str(error)
        if code in _DENIED_CODES:
            raise AccessDenied(message) from error
        if code in _THROTTLED_CODES:
            raise ThrottlingException(message) from error
        if code in _TRANSIENT_CODES:
            raise ServiceUnavailableException(message) from error
        raise


# S3


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


def read_json(bucket: str, key: str) -> Any:
    return json.loads(read_bytes(bucket, key))


def put_bytes(bucket: str, key: str, data: bytes, content_type: str = "application/octet-stream") -> None:
    client("s3").put_object(**_where(bucket, key), Body=data, ContentType=content_type)


def put_json(bucket: str, key: str, document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, indent=2, allow_nan=False)
    put_bytes(bucket, key, text.encode() + b"\n", "application/json")


def list_keys(bucket: str, prefix: str) -> Iterator[str]:
    """Keys under a prefix in S3's (UTF-8 binary) order."""
    for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for entry in page.get("Contents", ()):
            yield entry["Key"]


def upload(bucket: str, key: str, data: Iterable[bytes], content_type: str = "application/jsonl") -> int:
    """Write an object from an iterator in bounded memory; the object appears whole or not at all.

    Returns:
        The number of bytes written.
    """
    source, buffer = iter(data), bytearray()
    for piece in source:
        buffer += piece
        if len(buffer) >= PART_BYTES:
            return _upload_parts(bucket, key, buffer, source, content_type)
    put_bytes(bucket, key, bytes(buffer), content_type)
    return len(buffer)


def _upload_parts(
    bucket: str, key: str, buffer: bytearray, source: Iterator[bytes], content_type: str
) -> int:
    s3, where = client("s3"), _where(bucket, key)
    identity = {
        **where,
        "UploadId": s3.create_multipart_upload(**where, ContentType=content_type)["UploadId"],
    }
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


# Other services


def get_parameter(name: str) -> str | None:
    """Value of a parameter; None when it does not exist."""
    try:
        return str(client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    except Exception as error:
        if code_of(error) == "ParameterNotFound":
            return None
        raise


def put_parameter(name: str, value: str) -> None:
    client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def publish(topic_arn: str, subject: str, message: str) -> None:
    client("sns").publish(TopicArn=topic_arn, Subject=subject, Message=message)


def send_task_success(token: str, output: Mapping[str, Any]) -> bool:
    """Complete a waiting task; False when the token was used before or its task is over."""
    return _answer_task(token, {"output": json.dumps(output)}, "send_task_success")


def send_task_failure(token: str, error: str, cause: str) -> bool:
    """Fail a waiting task; False when the token was used before or its task is over."""
    return _answer_task(token, {"error": error[:256], "cause": cause[:32_768]}, "send_task_failure")


def _answer_task(token: str, members: Mapping[str, str], operation: str) -> bool:
    try:
        getattr(client("stepfunctions"), operation)(taskToken=token, **members)
    except Exception as error:
        if code_of(error) in {"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"}:
            return False
        raise
    return True


def execution_is_running(execution_arn: str) -> bool:
    """Whether a state machine execution still runs; False when it is over or unknown."""
    try:
        answer = client("stepfunctions").describe_execution(executionArn=execution_arn)
    except Exception as error:
        if code_of(error) in {"ExecutionDoesNotExist", "InvalidArn"}:
            return False
        raise
    return answer["status"] in {"RUNNING", "PENDING_REDRIVE"}


def invoke(function_arn: str, payload: Any) -> Any:
    """Invoke a function synchronously and return its decoded answer.

    Raises:
        FunctionFailed: when the function raised or timed out.
    """
    answer = client("lambda").invoke(FunctionName=function_arn, Payload=json.dumps(payload).encode())
    body = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        problem = body if isinstance(body, Mapping) else {}
        kind, text = problem.get("errorType", "error"), problem.get("errorMessage", "no message")
        raise FunctionFailed(f"{function_arn.split(':function:')[-1]} raised {kind}: {str(text)[:500]}")
    return body
