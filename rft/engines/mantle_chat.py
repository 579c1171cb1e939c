"""Prompts and answers of `Converse`, which the pipeline speaks, as chat completions and back."""

import json
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from rft.engines.base import Answer
from rft.rewards.tool_reading import CALLS_KEY

STOP_REASONS: Final = MappingProxyType(
    {
        "stop": "end_turn",
        "length": "max_tokens",
        "tool_calls": "tool_use",
        "content_filter": "content_filtered",
    }
)


def completion_request(prompt: Mapping[str, Any]) -> dict[str, Any]:
    """`messages`, and `tools` where the prompt has some."""
    system = [block["text"] for block in prompt.get("system", ())]
    messages = [{"role": "system", "content": "\n".join(system)}] if system else []
    for turn in prompt["messages"]:
        messages += _messages(turn)
    request: dict[str, Any] = {"messages": messages}
    if "toolConfig" in prompt:
        request["tools"] = [_tool(tool["toolSpec"]) for tool in prompt["toolConfig"]["tools"]]
    return request


def read_answer(completion: Any) -> Answer:
    """The first choice of a completion; of one that calls tools the calls as JSON, which is what its reward reads."""
    choice, usage = completion.choices[0], completion.usage
    calls = [
        {"name": call.function.name, "arguments": json.loads(call.function.arguments or "{}")}
        for call in choice.message.tool_calls or ()
    ]
    text = json.dumps({CALLS_KEY: calls}, ensure_ascii=False) if calls else choice.message.content or ""
    return Answer(
        text=text,
        input_tokens=usage.prompt_tokens if usage else 0,
        output_tokens=usage.completion_tokens if usage else 0,
        stop_reason=STOP_REASONS.get(choice.finish_reason, str(choice.finish_reason)),
    )


def _messages(turn: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for block in turn["content"]:
        if "toolResult" in block:
            result = block["toolResult"]
            text = "\n".join(part.get("text", "") for part in result["content"])
            yield {"role": "tool", "tool_call_id": result["toolUseId"], "content": text}
    text = "\n".join(block["text"] for block in turn["content"] if "text" in block)
    calls = [_call(block["toolUse"]) for block in turn["content"] if "toolUse" in block]
    if calls:
        yield {"role": turn["role"], "content": text or None, "tool_calls": calls}
    elif text:
        yield {"role": turn["role"], "content": text}


def _call(use: Mapping[str, Any]) -> dict[str, Any]:
    arguments = json.dumps(use["input"], ensure_ascii=False)
    return {
        "id": use["toolUseId"],
        "type": "function",
        "function": {"name": use["name"], "arguments": arguments},
    }


def _tool(specification: Mapping[str, Any]) -> dict[str, Any]:
    function = {"name": specification["name"], "parameters": specification["inputSchema"]["json"]}
    if "description" in specification:
        function["description"] = specification["description"]
    return {"type": "function", "function": function}
