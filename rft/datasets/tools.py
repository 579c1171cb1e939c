"""The shape of a record's `tools`, and of the calls that its assistant messages make of them.

Source: the validator of aws/nova-forge-sdk; OpenAI chat format for the calls.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rft.datasets.checks.port import Fault
from rft.datasets.codes import Code

_TOOL: Final = 'use {"type": "function", "function": {"name": ..., "parameters": {"type": "object", ...}}}'
_CALL: Final = 'use {"id": ..., "type": "function", "function": {"name": ..., "arguments": "{...}"}}'


def tools_faults(tools: Any) -> Iterator[Fault]:
    """Yield every fault of `tools`."""
    if not isinstance(tools, list):
        yield Fault(Code.TOOLS_MALFORMED, "$.tools", "tools is not a list", f"write a list: {_TOOL}")
        return
    seen: set[str] = set()
    for index, tool in enumerate(tools):
        path = f"$.tools[{index}]"
        function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(function, dict) or not isinstance(name, str) or not name:
            yield Fault(Code.TOOLS_MALFORMED, path, "the tool is no named function", _TOOL)
            continue
        parameters = function.get("parameters", {"type": "object"})
        if not isinstance(parameters, dict) or parameters.get("type") != "object":
            yield Fault(
                Code.TOOL_SCHEMA,
                f"{path}.function.parameters",
                "the parameters are no JSON Schema of an object",
                'write {"type": "object", "properties": {...}}',
            )
        if name in seen:
            yield Fault(
                Code.TOOL_NAME_TWICE, f"{path}.function.name", "two tools have the same name", "rename one"
            )
        seen.add(name)


def call_faults(messages: Sequence[Any]) -> Iterator[Fault]:
    """Yield the faults of tool calls, and of tool messages that answer no call before them."""
    asked: set[str] = set()
    for index, message in enumerate(messages):
        if not isinstance(message, dict):
            continue
        path = f"$.messages[{index}]"
        if message.get("tool_calls") is not None:
            yield from _calls(message["tool_calls"], f"{path}.tool_calls", asked)
        answered = message.get("tool_call_id")
        if message.get("role") == "tool" and not (isinstance(answered, str) and answered in asked):
            yield Fault(
                Code.TOOL_RESULT_ORPHAN,
                f"{path}.tool_call_id",
                "the tool message answers no call of an earlier message",
                "give it the id of the call",
            )


def _calls(calls: Any, path: str, asked: set[str]) -> Iterator[Fault]:
    if not isinstance(calls, list) or not calls:
        yield Fault(
            Code.TOOL_CALL_MALFORMED, path, "tool_calls is empty or no list", f"write a list: {_CALL}"
        )
        return
    for index, call in enumerate(calls):
        if _is_call(call):
            asked.add(call["id"])
        else:
            yield Fault(Code.TOOL_CALL_MALFORMED, f"{path}[{index}]", "the tool call is malformed", _CALL)


def _is_call(call: Any) -> bool:
    if not isinstance(call, Mapping) or not isinstance(call.get("id"), str):
        return False
    function = call.get("function")
    if not isinstance(function, Mapping):
        return False
    return isinstance(function.get("name"), str) and isinstance(function.get("arguments"), str | dict)
