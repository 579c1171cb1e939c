"""What a reward function gets and gives, and how Bedrock writes it on the wire.

The wire (Amazon Bedrock user guide, `reward-functions`): a JSON list of `{"id", "messages", "metadata"}`, the
answer being the last message. AWS's own samples differ among each other, so all of their shapes are read: the
reference in `metadata` or at the top level; as text, object or `{"text": ...}`; content as text or as blocks;
the role `assistant` or `nova_assistant`; `metadata` null or absent.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

ASSISTANT_ROLES: Final = ("assistant", "nova_assistant")
REFERENCE_KEY: Final = "reference_answer"
IDEAL_RESPONSE_KEY: Final = "ideal_response"  # of an object reference whose JSON is not what a model answers
STEP_PREFIX: Final = "step_"  # of components that tell the success at one step, by its number from 1
_THOUGHT: Final = re.compile(r"\s*<(think|thinking|reasoning)>", re.IGNORECASE)
_WIRE_KEYS: Final = frozenset({"id", "messages", "metadata", REFERENCE_KEY})


class BadSampleError(ValueError):
    """A sample that does not follow the wire format; the message names the fault and never quotes the
    sample."""


class MissingReferenceError(ValueError):
    """A reward needs a reference that the record does not have, or has in a form the reward cannot read."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One rollout to be scored.

    `messages` are the prompt's messages, without the answer; `response` is the answer's text without the
    `reasoning` that came before it, "" when it has none; `reference` is text, an object or None; `extra` holds
    the record's other keys; `answer` is the whole final message, for what is not text in it (tool calls).
    """

    id: Any
    messages: tuple[Mapping[str, Any], ...]
    response: str
    reference: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)
    reasoning: str = ""

    @property
    def prompt(self) -> str:
        """Text of the last user message, "" when there is none."""
        asked = [message for message in self.messages if message.get("role") == "user"]
        return content_text(asked[-1].get("content")) if asked else ""


@dataclass(frozen=True, slots=True)
class Score:
    """A reward in [0, 1], the components it is made of, and reasons that a person may read (no prompt
    text)."""

    value: float
    components: Mapping[str, float] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()


def content_text(content: Any) -> str:
    """Return the text of a message's content: a string, a list of `{"text": ...}` blocks, or nothing.

    Raises:
        BadSampleError: when the content is of another type.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_block_text(block) for block in content)
    raise BadSampleError("content is neither text nor a list of text blocks")


def split_reasoning(content: Any) -> tuple[str, str]:
    """Return a message's reasoning and its answer: Bedrock's `reasoningContent` blocks, and a leading
    `<think>…</think>` (or `thinking`, `reasoning`) of the text. Reasoning that does not end has no answer.

    Raises:
        BadSampleError: when the content is neither text nor a list of blocks.
    """
    text = content_text(content)
    blocks = content if isinstance(content, list) else []
    told = "".join(_reasoning_text(block) for block in blocks if isinstance(block, Mapping))
    opening = _THOUGHT.match(text)
    if opening is None:
        return told, text
    closing = re.compile(f"</{opening[1]}>", re.IGNORECASE).search(text, opening.end())
    if closing is None:
        return told + text[opening.end() :], ""
    return told + text[opening.end() : closing.start()], text[closing.end() :]


def _reasoning_text(block: Mapping[str, Any]) -> str:
    inner: Any = block.get("reasoningContent")
    for key in ("reasoningText", "text"):
        inner = inner.get(key) if isinstance(inner, Mapping) else inner
    return inner if isinstance(inner, str) else ""


def _block_text(block: Any) -> str:
    if isinstance(block, str):
        return block
    if isinstance(block, Mapping):
        text = block.get("text", "")
        return text if isinstance(text, str) else ""
    raise BadSampleError("a content block is neither text nor an object")


def unwrap_reference(reference: Any) -> Any:
    """Return the reference itself: open-weight jobs deliver a text as `{"text": ...}`."""
    if isinstance(reference, Mapping) and set(reference) == {"text"}:
        return reference["text"]
    return reference


def reference_response(reference: Any) -> str:
    """Return the ideal response that a reference stands for: a text itself; of an object its text under
    `ideal_response`, such as the program beside the tests that judge it; anything else its JSON.

    Raises:
        MissingReferenceError: when there is no reference.
    """
    plain = unwrap_reference(reference)
    if plain is None:
        raise MissingReferenceError("the record has no reference_answer")
    if isinstance(plain, Mapping) and isinstance(plain.get(IDEAL_RESPONSE_KEY), str):
        return str(plain[IDEAL_RESPONSE_KEY])
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def parse_sample(item: Any) -> Sample:
    """Read one element of the event.

    Raises:
        BadSampleError: when it is no object, has no messages, or does not end with the assistant's answer.
    """
    if not isinstance(item, Mapping):
        raise BadSampleError("a sample is not an object")
    messages = item.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(m, Mapping) for m in messages):
        raise BadSampleError("messages is not a non-empty list of objects")
    if messages[-1].get("role") not in ASSISTANT_ROLES:
        raise BadSampleError("the last message is not the assistant's answer")
    metadata = item.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    reference = item.get(REFERENCE_KEY)
    if reference is None:
        reference = metadata.get(REFERENCE_KEY)
    reasoning, response = split_reasoning(messages[-1].get("content"))
    extra = {key: value for key, value in item.items() if key not in _WIRE_KEYS}
    extra.update({key: value for key, value in metadata.items() if key != REFERENCE_KEY})
    return Sample(
        id=item.get("id"),
        messages=tuple(messages[:-1]),
        response=response,
        reference=unwrap_reference(reference),
        extra=MappingProxyType(extra),
        answer=messages[-1],
        reasoning=reasoning,
    )
