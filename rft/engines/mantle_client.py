"""The client of Bedrock's OpenAI-compatible endpoint: short-term keys, and errors under AWS's names.

Botocore 1.44.5 has no service model of it, so the `openai` package calls it. The key is a presigned request that lives
for an hour and is made anew of the process's own credentials for every call; none is ever stored.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import Any, Final

from rft import aws
from rft.errors import SettingsError

ENDPOINT_VARIABLE: Final = "AWS_ENDPOINT_URL_BEDROCK_MANTLE"  # another endpoint, without /v1
KEY_LIFETIME: Final = timedelta(hours=1)
# AWS documents no error codes of this endpoint; these are the ones that the rest of the pipeline knows, by HTTP status.
CODES: Final = {
    400: "ValidationException",
    401: "AccessDeniedException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    409: "ConflictException",
    422: "ValidationException",
    429: "ThrottlingException",
}
UNAVAILABLE: Final = "ServiceUnavailable"


class _Held:
    """Credentials that the process holds already, as a provider of them."""

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def load(self) -> Any:
        return self._credentials


@cache
def client() -> Any:
    """The process's client; throttling and faults are tried again by it.

    Raises:
        SettingsError: when no region or no credentials are known.
    """
    import boto3
    from aws_bedrock_token_generator import provide_token
    from openai import OpenAI

    session = boto3.Session()
    region, credentials = session.region_name, session.get_credentials()
    if region is None:
        raise SettingsError(
            "no AWS region is set, which names the endpoint of bedrock-mantle; set AWS_REGION"
        )
    if credentials is None:
        raise SettingsError("no AWS credentials were found; set AWS_PROFILE, or sign in with `aws sso login`")
    endpoint = os.environ.get(ENDPOINT_VARIABLE) or f"https://bedrock-mantle.{region}.api.aws"
    return OpenAI(
        base_url=f"{endpoint.rstrip('/')}/v1",
        api_key=lambda: provide_token(region, _Held(credentials), KEY_LIFETIME),
        max_retries=aws.MAX_ATTEMPTS - 1,
        timeout=aws.SLOW_READ_TIMEOUT_SECONDS,
    )


@contextmanager
def calling(operation: str) -> Iterator[Any]:
    """The client, with its errors turned into botocore's, by which the workflow tells them apart.

    Raises:
        botocore.exceptions.ClientError: with the code that fits the HTTP status.
    """
    import openai
    from botocore.exceptions import ClientError

    try:
        yield client()
    except openai.APIStatusError as error:
        code = CODES.get(
            error.status_code, UNAVAILABLE if error.status_code >= 500 else "ValidationException"
        )
        raise ClientError({"Error": {"Code": code, "Message": error.message}}, operation) from error
    except openai.APIConnectionError as error:
        message = f"the endpoint of bedrock-mantle did not answer: {error}"
        raise ClientError({"Error": {"Code": UNAVAILABLE, "Message": message}}, operation) from error
