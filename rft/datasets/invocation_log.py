"""Records of Bedrock's model invocation logs: prompts and answers in the shapes of Converse and InvokeModel.

Source: Amazon Bedrock user guide, "Monitor model invocation using CloudWatch Logs and Amazon S3" (schema version 1.0);
request metadata filters are those of `invocationLogsConfig` in botocore's service model `bedrock`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

SCHEMA: Final = "ModelInvocationLog"
OPERATIONS: Final = ("Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream")
_EQUALS, _NOT_EQUALS, _AND, _OR = "equals", "notEquals", "andAll", "orAll"
MAX_FILTERS: Final = 16  # of andAll and of orAll (service model)
Message = dict[str, Any]


class UnusableLogError(ValueError):
    """A log record that gives no prompt; the message says why and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Call:
    """One logged call: the prompt as chat messages, the answer's text, and what the call can be chosen by."""

    messages: list[Message]
    response: str
    model: str
    timestamp: datetime
    metadata: Mapping[str, str]
    request_id: str


def read_call(record: Any) -> Call:
    """The call of a log record.

    Raises:
        UnusableLogError: when it is none, or its prompt cannot be read.
    """
    if not isinstance(record, Mapping) or record.get("schemaType") != SCHEMA:
        raise UnusableLogError("no record of a model invocation")
    if record.get("operation") not in OPERATIONS:
        raise UnusableLogError("an operation without a prompt")
    asked, answered = record.get("input"), record.get("output")
    if not isinstance(asked, Mapping) or not isinstance(asked.get("inputBodyJson"), Mapping):
        apart = isinstance(asked, Mapping) and asked.get("inputBodyS3Path")
        raise UnusableLogError("the prompt lies in a file of its own" if apart else "no prompt was logged")
    body = asked["inputBodyJson"]
    messages = [*_system(body.get("system")), *_messages(body)]
    if not any(message["role"] == "user" for message in messages):
        raise UnusableLogError("no text prompt")
    try:
        at = datetime.fromisoformat(str(record.get("timestamp")).replace("Z", "+00:00"))
    except ValueError:
        raise UnusableLogError("no timestamp") from None
    metadata = record.get("requestMetadata")
    return Call(
        messages=messages,
        response=_response(answered.get("outputBodyJson") if isinstance(answered, Mapping) else None),
        model=str(record.get("modelId", "")),
        timestamp=at,
        metadata={str(k): str(v) for k, v in metadata.items()} if isinstance(metadata, Mapping) else {},
        request_id=str(record.get("requestId", "")),
    )


def check_filter(wanted: Mapping[str, Any]) -> None:
    """Hold a filter to the service's shape: one of equals, notEquals (one pair), andAll, orAll (1 to 16 of those).

    Raises:
        ValueError: naming what is wrong.
    """
    if len(wanted) != 1 or next(iter(wanted)) not in (_EQUALS, _NOT_EQUALS, _AND, _OR):
        raise ValueError(f"a filter has exactly one of {_EQUALS}, {_NOT_EQUALS}, {_AND}, {_OR}")
    kind, value = next(iter(wanted.items()))
    if kind in (_EQUALS, _NOT_EQUALS):
        if (
            not isinstance(value, Mapping)
            or len(value) != 1
            or not all(isinstance(v, str) for v in value.values())
        ):
            raise ValueError(f"{kind}: want exactly one pair of texts")
        return
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_FILTERS:
        raise ValueError(f"{kind}: want a list of 1 to {MAX_FILTERS} filters")
    for part in value:
        if not isinstance(part, Mapping) or next(iter(part), None) not in (_EQUALS, _NOT_EQUALS):
            raise ValueError(f"{kind}: holds {_EQUALS} and {_NOT_EQUALS} only")
        check_filter(part)


def matches(wanted: Mapping[str, Any], metadata: Mapping[str, str]) -> bool:
    """Whether a call's metadata pass a filter in the shape of `requestMetadataFilters`."""
    kind, value = next(iter(wanted.items()))
    if kind == _AND:
        return all(matches(part, metadata) for part in value)
    if kind == _OR:
        return any(matches(part, metadata) for part in value)
    key, text = next(iter(value.items()))
    return (metadata.get(key) == text) is (kind == _EQUALS)


def _system(value: Any) -> list[Message]:
    text = _text(value)
    return [{"role": "system", "content": text}] if text else []


def _messages(body: Mapping[str, Any]) -> list[Message]:
    if isinstance(body.get("messages"), list):
        found = [
            {"role": str(message.get("role")), "content": _text(message.get("content"))}
            for message in body["messages"]
            if isinstance(message, Mapping)
        ]
        return [message for message in found if message["content"]]
    prompt = next((body[key] for key in ("prompt", "inputText") if isinstance(body.get(key), str)), "")
    return [{"role": "user", "content": prompt}] if prompt.strip() else []


def _text(content: Any) -> str:
    """Text of content: text itself, or blocks `{text}` or `{type: text, text}`; other blocks have none."""
    if isinstance(content, str):
        return content
    if not isinstance(content, Iterable) or isinstance(content, Mapping):
        return ""
    texts = (block.get("text") for block in content if isinstance(block, Mapping))
    return "".join(text for text in texts if isinstance(text, str))


def _response(body: Any) -> str:
    """The answer's text in the output body of any of the known shapes; empty for none."""
    if isinstance(body, list):  # the events of a stream
        return "".join(_response(part) for part in body)
    if not isinstance(body, Mapping):
        return ""
    delta = (
        body.get("contentBlockDelta", {}).get("delta")
        if isinstance(body.get("contentBlockDelta"), Mapping)
        else None
    )
    if isinstance(delta, Mapping):
        return str(delta.get("text", ""))
    output = body.get("output")
    if isinstance(output, Mapping) and isinstance(output.get("message"), Mapping):
        return _text(output["message"].get("content"))
    for key in ("choices", "results"):
        first = body[key][0] if isinstance(body.get(key), list) and body[key] else None
        if isinstance(first, Mapping):
            message = first.get("message")
            return (
                _text(message.get("content"))
                if isinstance(message, Mapping)
                else str(first.get("outputText", ""))
            )
    return _text(body.get("content")) or str(body.get("generation", "") or "")
