"""What a person reads when AWS cannot be used from the command line."""

import pytest
from botocore import exceptions

from rft import aws


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (exceptions.NoCredentialsError(), "set AWS_PROFILE"),
        (exceptions.EndpointConnectionError(endpoint_url="https://sts.example"), "check the network"),
        (exceptions.ConnectTimeoutError(endpoint_url="https://sts.example"), "check the network"),
        (
            exceptions.ClientError({"Error": {"Code": "NoSuchBucket"}}, "PutObject"),
            "is this environment deployed",
        ),
        (
            exceptions.ClientError({"Error": {"Code": "ExpiredToken", "Message": "late"}}, "Get"),
            "ExpiredToken",
        ),
    ],
)
def test_a_failed_call_is_explained_in_one_line(error, words):
    told = aws.explanation(error)
    assert told is not None
    assert words in told
    assert "\n" not in told


def test_our_own_mistakes_are_not_explained_away():
    assert aws.explanation(KeyError("x")) is None
