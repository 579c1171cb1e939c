"""HTTP of the endpoint: who calls, JSON in and out, pages, multipart uploads, errors in OpenAI's form."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from rehearsal.bedrock.port import Scope

Response = tuple[int, dict[str, str], bytes]
KEY_PREFIX: Final = "bedrock-api-key-"
MAX_PAGE: Final = 100
_SIGNED: Final = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/,\s]+)/")
_STATUS_TYPES: Final = {401: "authentication_error", 403: "permission_error", 404: "not_found_error"}


class MantleError(Exception):
    """An answer other than 2xx; `message` never holds prompt or response text."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: where, and with which access key."""

    scope: Scope
    access_key: str
    by_token: bool


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `path` begins after `/v1`, the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, str]

    def json(self) -> dict[str, Any]:
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            raise MantleError(400, "the request body is not JSON") from None
        if not isinstance(found, dict):
            raise MantleError(400, "the request body is not a JSON object")
        return found


def access_key(headers: Mapping[str, str]) -> tuple[str, bool]:
    """The access key that a request was signed with, and whether a Bedrock API key carried it.

    The emulator does not verify the signature in a key.

    Raises:
        MantleError: 401 when a request is neither signed nor carries a short-term key.
    """
    given = headers.get("authorization", "")
    signed = _SIGNED.match(given)
    if signed:
        return signed[1], False
    token = given.removeprefix("Bearer ")
    if token == given or not token.startswith(KEY_PREFIX):
        raise MantleError(401, "no short-term Bedrock API key and no SigV4 signature")
    try:
        url = base64.b64decode(token.removeprefix(KEY_PREFIX), validate=True).decode()
        query = parse_qs(urlsplit(f"https://{url}").query)
        if query["Action"] != ["CallWithBearerToken"]:
            raise KeyError("Action")
        return query["X-Amz-Credential"][0].split("/")[0], True
    except (binascii.Error, UnicodeDecodeError, KeyError):
        raise MantleError(401, "the Bedrock API key is malformed") from None


def answer(document: Mapping[str, Any], status: int = 200) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()


def failure(error: MantleError) -> Response:
    kind = _STATUS_TYPES.get(error.status, "invalid_request_error" if error.status < 500 else "server_error")
    return answer({"error": {"message": error.message, "type": kind, "code": kind}}, error.status)


def page(rows: Sequence[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    """One page of rows, from behind the row whose id is `after`."""
    try:
        limit = int(query.get("limit", 20))
    except ValueError:
        raise MantleError(400, "limit is not a whole number") from None
    if not 1 <= limit <= MAX_PAGE:
        raise MantleError(400, f"limit: {limit} is outside of 1 to {MAX_PAGE}")
    start = 0
    if "after" in query:
        places = [index for index, row in enumerate(rows) if row["id"] == query["after"]]
        if not places:
            raise MantleError(400, "after: no such id")
        start = places[0] + 1
    chosen = rows[start : start + limit]
    return {"object": "list", "data": list(chosen), "has_more": start + limit < len(rows)}


def read_form(request: Request) -> dict[str, tuple[str, bytes]]:
    """Parts of a multipart form by name, each with its file name or an empty one.

    Raises:
        MantleError: 400 when the body is no form.
    """
    found = re.search(r'boundary="?([^";]+)"?', request.headers.get("content-type", ""))
    if not found:
        raise MantleError(400, "the request is not multipart/form-data")
    parts: dict[str, tuple[str, bytes]] = {}
    for piece in request.body.split(b"--" + found[1].encode())[1:-1]:
        head, _, data = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        text = head.decode("utf-8", "replace")
        name = re.search(r'[; ]name="([^"]*)"', text)
        if name:
            file_name = re.search(r'filename="([^"]*)"', text)
            parts[name[1]] = (file_name[1] if file_name else "", data.removesuffix(b"\r\n"))
    return parts
