"""Reads tool calls and tool definitions in the shapes that models, datasets and Bedrock use.

Calls: OpenAI's message `{"tool_calls": [{"function": {"name", "arguments": "<JSON>"}}]}`; Bedrock Converse's content
blocks `{"toolUse": {"name", "input"}}`, also with `{"type": "tool_use", "name", "input"}`; in text a JSON object
`{"tool_calls": [...]}`, one call `{"name", "arguments"}`, or a list of calls, alone, fenced or in prose; and
`<tool_call>{"name", "arguments"}</tool_call>`, a tag for each call (Hermes, Qwen). `arguments`, `input` and
`parameters` are the same; an object, the text of one, or nothing.

Known limits: calls written as Python (`f(x=1)`) or XML are not read; several different JSON values outside of tags
are several answers and so none; JSON in a text that is no call makes the text unreadable.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rft.rewards.contract import Sample
from rft.rewards.json_text import find_all, not_deep, read_json

CALLS_KEY: Final = "tool_calls"
TOOLS_KEY: Final = "tools"
MAX_CALLS: Final = 64
_ARGUMENTS: Final = ("arguments", "input", "parameters")
_OPEN, _CLOSE = "<tool_call>", "</tool_call>"


class UnreadableCallsError(ValueError):
    """An answer that is neither calls nor the absence of calls; the message never quotes it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool's name with the arguments given to it; None for arguments that are no JSON object."""

    name: str
    arguments: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The calls of an answer; `stated` tells that they, or their absence, were written as JSON or as the message's
    own calls, and not just left out of a text."""

    calls: tuple[Call, ...]
    stated: bool


def read_answer(sample: Sample) -> Answer:
    """Return the calls that a response makes; the message's own calls come before those in its text.

    Raises:
        UnreadableCallsError: when there is no telling: an empty answer, broken JSON, JSON that is no call, several
            different values, or more than 64 calls.
    """
    native = _native(sample.answer)
    if native is not None:
        return Answer(native, stated=True)
    return read_text(sample.response)


def read_text(text: str) -> Answer:
    """Return the calls written in a text.

    Raises:
        UnreadableCallsError: as `read_answer`.
    """
    if _OPEN in text:
        return Answer(_calls(list(_tagged(text))), stated=True)
    found = find_all(text, arrays=True)
    values = [value for value in found.values if _may_be_calls(value)]
    if len(values) == 1:
        return Answer(_from_value(values[0]), stated=True)
    if values or found.broken or not text.strip():
        raise UnreadableCallsError("the answer holds no readable calls")
    return Answer((), stated=False)


def read_value(value: Any) -> tuple[Call, ...]:
    """Return the calls of a reference: text or an object in any of the shapes, a message included.

    Raises:
        UnreadableCallsError: when it states no calls, not even an empty list of them.
    """
    if isinstance(value, str):
        answer = read_text(value)
        if not answer.stated:
            raise UnreadableCallsError("the text holds no calls")
        return answer.calls
    native = _native(value) if isinstance(value, Mapping) else None
    return _from_value(value) if native is None else native


def read_tools(tools: Any) -> dict[str, Mapping[str, Any]] | None:
    """Return the JSON schema of each tool's arguments by the tool's name, None when no tools are given.

    Read are OpenAI's `{"type": "function", "function": {"name", "parameters"}}`, the same without its wrapping, and
    Bedrock's `{"toolSpec": {"name", "inputSchema": {"json": {...}}}}`.
    """
    if not isinstance(tools, list) or not tools:
        return None
    return dict(pair for tool in tools if isinstance(tool, Mapping) for pair in _tool(tool))


def _tool(tool: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    inner = tool.get("function") or tool.get("toolSpec") or tool
    name = inner.get("name") if isinstance(inner, Mapping) else None
    if isinstance(name, str):
        wrapped = inner.get("inputSchema")
        schema = wrapped.get("json") if isinstance(wrapped, Mapping) else inner.get("parameters")
        yield name, schema if isinstance(schema, Mapping) else {}


def _native(message: Mapping[str, Any]) -> tuple[Call, ...] | None:
    """The calls of a message that are no text; None when it has none."""
    content = message.get("content")
    blocks = [block for block in content if isinstance(block, Mapping)] if isinstance(content, list) else []
    used = [block for block in blocks if "toolUse" in block or block.get("type") == "tool_use"]
    made = message.get(CALLS_KEY)
    if used and made:
        raise UnreadableCallsError("the message makes calls in two shapes at once")
    calls = used or made
    return _calls(calls) if calls else None


def _from_value(value: Any) -> tuple[Call, ...]:
    if isinstance(value, Mapping) and CALLS_KEY in value:
        return _calls(value[CALLS_KEY])
    return _calls(value if isinstance(value, list) else [value])


def _calls(values: Any) -> tuple[Call, ...]:
    if not isinstance(values, list) or len(values) > MAX_CALLS:
        raise UnreadableCallsError(f"the calls are not a list of at most {MAX_CALLS}")
    return tuple(_call(value) for value in values)


def _call(value: Any) -> Call:
    inner = value
    for wrapping in ("function", "toolUse"):
        if isinstance(inner, Mapping) and isinstance(inner.get(wrapping), Mapping):
            inner = inner[wrapping]
    name = inner.get("name") if isinstance(inner, Mapping) else None
    if not isinstance(name, str) or not name:
        raise UnreadableCallsError("a call has no name")
    return Call(name, _arguments(next((inner[key] for key in _ARGUMENTS if key in inner), None)))


def _arguments(value: Any) -> Mapping[str, Any] | None:
    try:
        if isinstance(value, str):
            value = read_json(value) if value.strip() else None
        value = {} if value is None else not_deep(value)
    except ValueError:
        return None
    return value if isinstance(value, Mapping) else None


def _tagged(text: str) -> Iterable[Any]:
    for piece in text.split(_OPEN)[1:]:
        body, closed, _ = piece.partition(_CLOSE)
        try:
            yield read_json(body if closed else "")
        except ValueError:
            raise UnreadableCallsError("a tagged call is cut off or no JSON") from None


def _may_be_calls(value: Any) -> bool:
    """Objects and lists of objects; a list such as `[1]` is a citation."""
    return isinstance(value, dict) or all(isinstance(item, dict) for item in value)
