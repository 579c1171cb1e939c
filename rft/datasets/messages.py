"""The messages of a record: roles, their order, content.

Sources: Amazon Bedrock user guide `rft-prepare-data` (OpenAI chat format); the validators of aws/nova-forge-sdk
(roles, keys) and amazon-nova-samples (tokens of chat templates).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from rft.datasets.checks.port import Fault
from rft.datasets.codes import Code
from rft.datasets.tools import call_faults
from rft.rewards.contract import REFERENCE_KEY, content_text

ROLES: Final = ("system", "developer", "user", "assistant", "tool")
FIRST_ONLY: Final = ("system", "developer")
KEYS: Final = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "reasoning_content"})
# [novasamp] finds them in any case; those with a colon would be false findings in ordinary text.
RESERVED_TEXTS: Final = ("[eos]", "<image>", "<video>", "<unk>")


def message_faults(messages: Sequence[Any]) -> Iterator[Fault]:
    """Yield every fault of a record's messages, of which there is at least one."""
    for index, message in enumerate(messages):
        path = f"$.messages[{index}]"
        if isinstance(message, dict):
            yield from _message_faults(message, index, path)
        else:
            yield Fault(
                Code.MESSAGE_MALFORMED, path, "the message is not an object", "give it a role and content"
            )
    roles = [message["role"] for message in messages if isinstance(message, dict) and _has_role(message)]
    if len(roles) == len(messages):
        yield from order_faults(roles)
    yield from call_faults(messages)


def order_faults(roles: Sequence[str]) -> Iterator[Fault]:
    """Yield the fault in the order of the roles, all of them known."""
    last = f"$.messages[{len(roles) - 1}].role"
    if "user" not in roles:
        yield Fault(
            Code.NO_USER_MESSAGE,
            "$.messages",
            "there is no user message",
            "add the question as a user message",
        )
    elif next((role for role in roles if role not in FIRST_ONLY), None) == "assistant":
        yield Fault(
            Code.ASSISTANT_FIRST,
            "$.messages",
            "the conversation begins with the assistant, which Converse refuses",
            "begin with the user's message",
        )
    elif roles[-1] == "assistant":
        yield Fault(
            Code.ASSISTANT_LAST,
            last,
            "the last message is the assistant's, so there is nothing left to answer",
            f"move the answer into {REFERENCE_KEY}",
        )


def _message_faults(message: dict[str, Any], index: int, path: str) -> Iterator[Fault]:
    role = message.get("role")
    if not _has_role(message):
        yield Fault(
            Code.ROLE_UNKNOWN,
            f"{path}.role",
            "the role is missing or unknown",
            f"use one of {', '.join(ROLES)}",
        )
    elif role in FIRST_ONLY and index > 0:
        yield Fault(
            Code.SYSTEM_NOT_FIRST,
            f"{path}.role",
            f"a {role} message comes after the first message",
            "move it to the top",
        )
    if unknown := sorted(set(message) - KEYS):
        yield Fault(
            Code.MESSAGE_KEY,
            path,
            f"the message has {len(unknown)} keys that Bedrock does not know",
            f"allowed: {', '.join(sorted(KEYS))}",
        )
    if not (role == "assistant" and message.get("tool_calls")):
        yield from _content_faults(message.get("content"), f"{path}.content")


def _has_role(message: dict[str, Any]) -> bool:
    role = message.get("role")
    return isinstance(role, str) and role in ROLES


def _content_faults(content: Any, path: str) -> Iterator[Fault]:
    if content is None:
        yield Fault(Code.CONTENT_MISSING, path, "the message has no content", "fill it in or drop the record")
        return
    if isinstance(content, list):
        kinds = [_block_kind(block) for block in content]
        other = next((index for index, kind in enumerate(kinds) if kind != "text"), None)
        if other is not None:
            malformed = kinds[other] is None
            yield Fault(
                Code.CONTENT_MALFORMED if malformed else Code.CONTENT_NOT_TEXT,
                f"{path}[{other}]",
                "the content block is malformed" if malformed else "the content block is not text",
                'use text, or blocks {"type": "text", "text": "..."}',
            )
            return
    elif not isinstance(content, str):
        yield Fault(
            Code.CONTENT_MALFORMED,
            path,
            "the content is neither text nor a list of text blocks",
            'use text, or blocks {"type": "text", "text": "..."}',
        )
        return
    text = content_text(content)
    if not text.strip():
        yield Fault(Code.CONTENT_EMPTY, path, "the content is empty", "fill it in or drop the record")
    elif any(token in text.lower() for token in RESERVED_TEXTS):
        yield Fault(
            Code.RESERVED_TEXT,
            path,
            "the text holds a token of chat templates, which may end or split the prompt",
            f"take it out: {', '.join(RESERVED_TEXTS)}",
        )


def _block_kind(block: Any) -> str | None:
    """ "text" for a text block, the type of another kind, None for what is no block."""
    if not isinstance(block, dict):
        return None
    kind = block.get("type", "text")
    if kind == "text":
        return "text" if isinstance(block.get("text"), str) else None
    return kind if isinstance(kind, str) else None
