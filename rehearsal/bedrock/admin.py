"""Sets the faults of a running simulated Bedrock from outside the emulator."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from rehearsal.bedrock.faults import FAULTS, FaultTable

PATH = "/_rehearsal/faults"


def descriptions() -> dict[str, str]:
    """The faults that exist, each with the sentence that explains it."""
    return {name: fault.description for name, fault in FAULTS.items()}


def set_faults(
    endpoint_url: str,
    faults: Mapping[str, Any],
    *,
    account: str,
    secret: str = "test",  # noqa: S107 - the emulator's own, not a secret
    region: str = "us-east-1",
) -> dict[str, Any]:
    """Replace the faults in force; `{}` clears them. Returns those now in force with all their parameters.

    The request is signed for Bedrock, because that tells the emulator which service it is for; `account`
    is the account's root key and `secret` what the emulator accepts with it.

    Raises:
        ServiceError: ValidationException that names an unknown fault or parameter.
        urllib.error.URLError: when the emulator does not answer.
    """
    FaultTable(faults)
    body = json.dumps(dict(faults)).encode()
    request = AWSRequest("POST", endpoint_url + PATH, data=body)
    SigV4Auth(Credentials(account, secret), "bedrock", region).add_auth(request)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    headers = dict(request.prepare().headers)
    sent = urllib.request.Request(endpoint_url + PATH, body, headers, method="POST")  # noqa: S310 - loopback
    with opener.open(sent, timeout=10) as answer:
        active: dict[str, Any] = json.load(answer)["active"]
    return active
