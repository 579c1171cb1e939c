"""The shape of one record: roles and their order, content, tools, reference.

Sources: Amazon Bedrock user guide `rft-prepare-data` (OpenAI chat format, extra keys allowed) and the
validator of aws/nova-forge-sdk (roles, text blocks, tools); where AWS's own validators differ, the documented
form is accepted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rft.datasets.findings import Code
from rft.names import RECORD_KEY
from rft.rewards.contract import REFERENCE_KEY

ROLES: Final = ("system", "developer", "user", "assistant", "tool")
_FIRST_ONLY: Final = ("system", "developer")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a record; the caller adds file and line."""

    code: Code
    path: str
    what: str
    fix: str


def record_faults(record: Mapping[str, Any], *, reference_required: bool) -> Iterator[Fault]:
    """Yield every fault of a record's shape."""
    if RECORD_KEY in record:
        yield Fault(
            Code.RESERVED_KEY, f"$.{RECORD_KEY}", "the key is reserved for the pipeline", "rename the key"
        )
    messages = record.get("messages")
    if not isinstance(messages, list) or not messages:
        yield Fault(
            Code.MESSAGES_MISSING,
            "$.messages",
            "messages is missing, empty or not a list",
            'write "messages": [{"role": "user", "content": "..."}]',
        )
    else:
        yield from _message_faults(messages)
    if "tools" in record:
        yield from _tools_faults(record["tools"])
    yield from _reference_faults(record.get(REFERENCE_KEY), reference_required)


def _message_faults(messages: list[Any]) -> Iterator[Fault]:
    for index, message in enumerate(messages):
        path = f"$.messages[{index}]"
        if not isinstance(message, dict):
            yield Fault(
                Code.MESSAGE_MALFORMED, path, "the message is not an object", "give it a role and content"
            )
            continue
        role = message.get("role")
        if role not in ROLES:
            yield Fault(
                Code.ROLE_UNKNOWN, f"{path}.role", "the role is unknown", f"use one of {', '.join(ROLES)}"
            )
        elif role in _FIRST_ONLY and index > 0:
            yield Fault(
                Code.ROLE_ORDER,
                f"{path}.role",
                f"a {role} message comes after the first message",
                "move it to the top",
            )
        if not (role == "assistant" and message.get("tool_calls")):
            yield from _content_faults(message.get("content"), f"{path}.content")
    yield from _order_faults([m.get("role") if isinstance(m, dict) else None for m in messages])


def _order_faults(roles: list[Any]) -> Iterator[Fault]:
    last = f"$.messages[{len(roles) - 1}].role"
    if "user" not in roles:
        yield Fault(
            Code.ROLE_ORDER, "$.messages", "there is no user message", "add the question as a user message"
        )
    elif next((role for role in roles if role not in _FIRST_ONLY), None) == "assistant":
        yield Fault(
            Code.ROLE_ORDER,
            "$.messages",
            "the conversation begins with the assistant, which Converse refuses",
            "begin with the user's message",
        )
    elif roles[-1] == "assistant":
        yield Fault(
            Code.ROLE_ORDER,
            last,
            "the last message is the assistant's, so there is nothing left to answer",
            f"move the answer into {REFERENCE_KEY}",
        )
    elif roles[-1] not in ("user", "tool", None):
        yield Fault(Code.ROLE_ORDER, last, "the last message is not the user's", "end with a user message")


def _content_faults(content: Any, path: str) -> Iterator[Fault]:
    if isinstance(content, str):
        texts: list[Any] = [content]
    elif isinstance(content, list):
        texts = [block.get("text") if isinstance(block, dict) else None for block in content]
        kinds = [block.get("type", "text") if isinstance(block, dict) else None for block in content]
        if any(kind != "text" for kind in kinds) or not all(isinstance(text, str) for text in texts):
            yield Fault(
                Code.CONTENT_MALFORMED,
                path,
                "a content block is not text",
                'use blocks {"type": "text", "text": "..."}',
            )
            return
    else:
        yield Fault(
            Code.CONTENT_MALFORMED,
            path,
            "content is neither text nor a list of text blocks",
            "write the text itself",
        )
        return
    if not "".join(texts).strip():
        yield Fault(Code.CONTENT_EMPTY, path, "the content is empty", "fill it in or drop the record")


def _tools_faults(tools: Any) -> Iterator[Fault]:
    fix = 'use [{"type": "function", "function": {"name", "description", "parameters": {"type": "object"}}}]'
    if not isinstance(tools, list):
        yield Fault(Code.TOOLS_MALFORMED, "$.tools", "tools is not a list", fix)
        return
    seen: set[str] = set()
    for index, tool in enumerate(tools):
        path = f"$.tools[{index}]"
        name = _tool_name(tool)
        if name is None:
            yield Fault(Code.TOOLS_MALFORMED, path, "the tool is malformed", fix)
        elif name in seen:
            yield Fault(
                Code.TOOLS_MALFORMED, f"{path}.function.name", "two tools have the same name", "rename one"
            )
        else:
            seen.add(name)


def _tool_name(tool: Any) -> str | None:
    function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
    if not isinstance(function, dict):
        return None
    name, parameters = function.get("name"), function.get("parameters", {"type": "object"})
    if not (isinstance(name, str) and name and isinstance(parameters, dict)):
        return None
    return name if parameters.get("type") == "object" else None


def _reference_faults(reference: Any, required: bool) -> Iterator[Fault]:
    path = f"$.{REFERENCE_KEY}"
    if reference is None:
        if required:
            yield Fault(
                Code.REFERENCE_MISSING,
                path,
                f"{REFERENCE_KEY} is missing",
                "add it, or set dataset.reference_required: false in use_case.yaml",
            )
    elif not isinstance(reference, str | dict):
        yield Fault(
            Code.REFERENCE_MALFORMED,
            path,
            f"{REFERENCE_KEY} is neither text nor an object",
            "wrap it in text",
        )
    elif not reference or (isinstance(reference, str) and not reference.strip()):
        yield Fault(
            Code.REFERENCE_MISSING, path, f"{REFERENCE_KEY} is empty", "fill it in or drop the record"
        )
