"""A validator as one would write it with pydantic, a model for each record: the peer of `rft.datasets`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from rft import catalogue

Text = Annotated[str, StringConstraints(pattern=r"\S")]
MAX_PROMPT_TOKENS = 4096


class Block(BaseModel):
    type: Literal["text"] = "text"
    text: Text


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Text | list[Block]

    @property
    def length(self) -> int:
        return len(self.content) if isinstance(self.content, str) else sum(len(b.text) for b in self.content)


class Record(BaseModel):
    model_config = ConfigDict(extra="allow")

    messages: Annotated[list[Message], Field(min_length=1)]
    reference_answer: Text | Annotated[dict[str, Any], Field(min_length=1)]
    id: str | None = None
    rft: None = None

    @model_validator(mode="after")
    def _asks_something(self) -> "Record":
        roles = [message.role for message in self.messages]
        if "user" not in roles or roles[-1] in ("assistant", "system", "developer"):
            raise ValueError("the order of the roles is wrong")
        if any(role in ("system", "developer") for role in roles[1:]):
            raise ValueError("a system message is not the first")
        return self


def same_checks(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and fault of each bad line: keys that occur twice, carriage returns and long prompts too."""
    for number, line in enumerate(path.open("rb"), start=1):
        try:
            if line.endswith(b"\r\n") or len(line) > catalogue.MAX_LINE_BYTES:
                raise ValueError("the line's end or length is wrong")
            record = Record.model_validate(json.loads(line, object_pairs_hook=_unique))
            tokens = sum(message.length for message in record.messages) / catalogue.CHARACTERS_PER_TOKEN
            if tokens > MAX_PROMPT_TOKENS:
                raise ValueError("the prompt is too long")
        except (ValidationError, ValueError) as error:
            yield number, type(error).__name__


def schema_only(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and fault by pydantic's own JSON reader, which cannot see a key that occurs twice."""
    for number, line in enumerate(path.open("rb"), start=1):
        try:
            Record.model_validate_json(line)
        except ValidationError as error:
            yield number, type(error).__name__


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key occurs twice")
    return value
