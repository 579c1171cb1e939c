"""A dataset's record, the hash of its prompt, and its prepared form."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rft.names import RECORD_KEY
from rft.rewards.contract import REFERENCE_KEY, content_text


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a dataset. `extra` holds every key besides `messages`, `reference_answer` and `rft`."""

    messages: tuple[Mapping[str, Any], ...]
    reference: Any
    extra: Mapping[str, Any]
    marker: "Marker | None" = None

    @property
    def prompt_hash(self) -> str:
        return prompt_hash(self.messages)

    @property
    def prompt_characters(self) -> int:
        return sum(len(content_text(message.get("content"))) for message in self.messages)


@dataclass(frozen=True, slots=True)
class Marker:
    """The reserved key `rft` of a prepared record: whose rollouts these are, for the reward function."""

    run: str
    split: str
    prompt: str
    slice: str | None = None

    def to_json(self) -> dict[str, str | None]:
        return {"run": self.run, "split": self.split, "prompt": self.prompt, "slice": self.slice}


def read_marker(extra: Mapping[str, Any]) -> Marker | None:
    """Return the marker among a sample's extra keys, None when it is missing or not ours."""
    value = extra.get(RECORD_KEY)
    if not isinstance(value, Mapping):
        return None
    run, split, prompt = (value.get(key) for key in ("run", "split", "prompt"))
    if not (isinstance(run, str) and isinstance(split, str) and isinstance(prompt, str)):
        return None
    part = value.get("slice")
    return Marker(run, split, prompt, part if isinstance(part, str) else None)


def prompt_hash(messages: Sequence[Mapping[str, Any]]) -> str:
    """Return 16 hexadecimal digits that depend on roles and texts alone, not on how the content is
    wrapped."""
    told = [[message.get("role"), content_text(message.get("content"))] for message in messages]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()[
        :16
    ]


def parse_record(line: str | bytes) -> Record:
    """Read one valid line of a dataset (see `validate`), prepared or not.

    Raises:
        ValueError: when the line is no JSON object with messages.
    """
    value = json.loads(line)
    messages = value.get("messages") if isinstance(value, dict) else None
    if not isinstance(messages, list) or not messages:
        raise ValueError("a record is an object with a non-empty list `messages`")
    extra = {key: item for key, item in value.items() if key not in ("messages", REFERENCE_KEY, RECORD_KEY)}
    return Record(tuple(messages), value.get(REFERENCE_KEY), extra, read_marker(value))
