"""Mounts the simulated OpenAI-compatible endpoint of Bedrock below `/bedrock-mantle/v1`, which MiniStack lacks.

The handlers are led to it by `AWS_ENDPOINT_URL_BEDROCK_MANTLE`, which the server sets.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from ministack import app
from ministack.core import responses

from rehearsal.localaws.plugins import replace
from rehearsal.localaws.server import MANTLE_PATH

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
VERSION = f"{MANTLE_PATH}/v1"


def apply() -> None:
    replace(app, "app", "ab1297bd6cd5", _with_mantle)


def _with_mantle(whole: Any) -> Any:
    async def routed(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(f"{VERSION}/"):
            await _serve(scope, receive, send)
        else:
            await whole(scope, receive, send)

    return routed


async def _serve(scope: Message, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    status, headers, answer = await asyncio.to_thread(_answer, scope, body)
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    pairs.append((b"content-length", str(len(answer)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": answer})


def _answer(scope: Message, body: bytes) -> tuple[int, dict[str, str], bytes]:
    from rehearsal.bedrock.mantle.wire import MantleError, Request, access_key, failure
    from rehearsal.bedrock.service import bedrock

    headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
    try:
        key, by_token = access_key(headers)
    except MantleError as error:
        return failure(error)
    responses.set_request_account_id(key)
    responses.set_request_region(None)
    request = Request(
        scope["method"],
        scope["path"].removeprefix(VERSION),
        headers,
        body,
        dict(parse_qsl(scope.get("query_string", b"").decode())),
    )
    return bedrock().mantle.handle(request, bedrock().port.scope(), key, by_token)
