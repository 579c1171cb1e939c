"""Chat records of a dataset as members of a `Converse` request."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rft.rewards.contract import content_text

TOOLS_KEY: Final = "tools"
_SYSTEM_ROLES: Final = frozenset({"system", "developer"})
_ASSISTANT_ROLES: Final = frozenset({"assistant", "bot", "nova_assistant"})


def converse_prompt(messages: Sequence[Mapping[str, Any]], tools: Sequence[Any] | None) -> dict[str, Any]:
    """Return `messages`, and `system` and `toolConfig` where the record has them.

    Neighbouring messages of one role are joined, because Converse wants the roles to alternate.
    """
    system: list[dict[str, Any]] = []
    turns: list[dict[str, Any]] = []
    for message in messages:
        if message.get("role") in _SYSTEM_ROLES:
            system.append({"text": content_text(message.get("content"))})
            continue
        role, blocks = _turn(message)
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"].extend(blocks)
        else:
            turns.append({"role": role, "content": blocks})
    prompt: dict[str, Any] = {"messages": turns}
    if system:
        prompt["system"] = system
    if tools:
        prompt["toolConfig"] = {"tools": [_tool(tool["function"]) for tool in tools]}
    return prompt


def _turn(message: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    if message.get("role") == "tool":
        result = {
            "toolUseId": str(message.get("tool_call_id", "call")),
            "content": [{"text": content_text(message.get("content"))}],
        }
        return "user", [{"toolResult": result}]
    text = content_text(message.get("content"))
    blocks: list[dict[str, Any]] = [{"text": text}] if text else []
    blocks += [{"toolUse": _tool_use(call)} for call in message.get("tool_calls") or ()]
    return ("assistant" if message.get("role") in _ASSISTANT_ROLES else "user"), blocks


def _tool_use(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call.get("function", {})
    arguments = function.get("arguments", "{}")
    given = json.loads(arguments) if isinstance(arguments, str) else arguments
    return {"toolUseId": str(call.get("id", "call")), "name": function.get("name", ""), "input": given}


def _tool(function: Mapping[str, Any]) -> dict[str, Any]:
    specification: dict[str, Any] = {
        "name": function["name"],
        "inputSchema": {"json": function.get("parameters") or {"type": "object", "properties": {}}},
    }
    if function.get("description"):
        specification["description"] = function["description"]
    return {"toolSpec": specification}
