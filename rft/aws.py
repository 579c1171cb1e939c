"""The pipeline's only way to AWS besides the engines: cached clients and small one-call helpers.

Streaming S3 builds on it in `rft/objects.py`.

boto3 is imported when the first client is made, so that importing a handler stays fast. Every client retries
throttling and transient faults itself and never waits longer than its timeouts.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, Literal

from rft.errors import RftError

Service = Literal[
    "bedrock",
    "bedrock-agentcore",
    "bedrock-runtime",
    "cloudwatch",
    "dynamodb",
    "lambda",
    "logs",
    "s3",
    "service-quotas",
    "sns",
    "ssm",
    "stepfunctions",
    "sts",
]

CONNECT_TIMEOUT_SECONDS: Final = 5
READ_TIMEOUT_SECONDS: Final = 60
# Model answers and reward batches take longer than an API call, but never longer than a function may run.
SLOW_READ_TIMEOUT_SECONDS: Final = 880
_SLOW: Final = frozenset({"bedrock-agentcore", "bedrock-runtime", "lambda"})
MAX_ATTEMPTS: Final = 5

_MAKING: Final = threading.RLock()  # boto3 makes clients of its default session in one thread at a time only
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
_MISSING_CODES: Final = frozenset({"ResourceNotFoundException", "NoSuchBucket", "StateMachineDoesNotExist"})
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
    slow = service in _SLOW
    return _make_client(service, SLOW_READ_TIMEOUT_SECONDS if slow else READ_TIMEOUT_SECONDS)


@cache
def _judge_client(timeout_seconds: int, connections: int) -> Any:
    return _make_client("bedrock-runtime", timeout_seconds, connections)


def _make_client(service: Service, read_timeout_seconds: int, connections: int = 10) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=read_timeout_seconds,
        max_pool_connections=connections,
        # Both modes wait exponentially longer between attempts, with jitter.
        retries={
            "mode": "adaptive" if service == "bedrock-runtime" else "standard",
            "total_max_attempts": MAX_ATTEMPTS,
        },
    )
    with _MAKING:
        return boto3.client(service, config=config)


def forget_clients() -> None:
    """Make new clients from now on, for a process that changed its endpoints or credentials."""
    import boto3

    client.cache_clear()
    _judge_client.cache_clear()
    boto3.DEFAULT_SESSION = None  # it keeps the credentials it found first


def has_credentials() -> bool:
    """Whether this process can sign calls to AWS; on EC2 and ECS this asks the machine."""
    import boto3

    return boto3.Session().get_credentials() is not None


def region() -> str | None:
    """The region that calls go to; None when none is set."""
    import boto3

    return boto3.Session().region_name


def ask_judge(request: Mapping[str, Any], *, timeout_seconds: int, connections: int) -> Mapping[str, Any]:
    """Send one Converse request to a judge and return its answer; throttling and faults are tried again.

    Args:
        request: the operation's parameters.
        timeout_seconds: how long one attempt may take to answer.
        connections: how many calls the process makes at once.

    Raises:
        AccessDenied, ThrottlingException, ServiceUnavailableException: when the retries are used up.
        botocore.exceptions.BotoCoreError: when Bedrock cannot be reached or does not answer in time.
    """
    with _MAKING:  # threads that ask at the same time share one client
        judge = _judge_client(timeout_seconds, connections)
    with named_errors():
        answer: Mapping[str, Any] = judge.converse(**request)
    return answer


def code_of(error: BaseException) -> str:
    """AWS's error code of a client error; empty for every other exception."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, Mapping) else ""


def explanation(error: BaseException) -> str | None:
    """One line for a person about a failed AWS call, with what to do; None for any other exception."""
    from botocore import exceptions

    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return (
            "no AWS credentials were found: set AWS_PROFILE, or sign in with `aws login` or `aws sso login`"
        )
    if isinstance(error, exceptions.HTTPClientError | exceptions.ConnectionError):
        return f"AWS cannot be reached: {error}; check the network, a proxy, and the region"
    if code_of(error) in _MISSING_CODES:
        return f"{error}; is this environment deployed to this account and region?"
    if isinstance(error, exceptions.BotoCoreError | exceptions.ClientError):
        return str(error)
    return None


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


def caller_arn() -> str:
    """ARN of whoever signs this process's calls, as AWS itself sees it; needs no permission."""
    return str(client("sts").get_caller_identity()["Arn"])


def execution_is_running(execution_arn: str) -> bool:
    """Whether a state machine execution still runs; False when it is over or unknown."""
    try:
        answer = client("stepfunctions").describe_execution(executionArn=execution_arn)
    except Exception as error:
        if code_of(error) in {"ExecutionDoesNotExist", "InvalidArn"}:
            return False
        raise
    return answer["status"] in {"RUNNING", "PENDING_REDRIVE"}


def execution_may_run(execution_arn: str) -> bool:
    """Whether an execution runs, or may run because we are not allowed to see it."""
    try:
        return execution_is_running(execution_arn)
    except Exception as error:
        if code_of(error) in _DENIED_CODES:
            return True
        raise


def applied_quota(service_code: str, quota_code: str) -> int | None:
    """The account's quota in this region; None when it has none of its own, or we cannot learn it."""
    from botocore import exceptions

    try:
        answer = client("service-quotas").get_service_quota(ServiceCode=service_code, QuotaCode=quota_code)
    except (exceptions.ClientError, exceptions.BotoCoreError):
        return None
    value = answer["Quota"].get("Value")
    return None if value is None else int(value)


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
