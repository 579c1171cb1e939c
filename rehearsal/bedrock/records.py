"""Training records as the job and the model's knowledge see them."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rehearsal.bedrock.errors import JobFailedError

MIN_RECORDS: Final = 100
MAX_RECORDS: Final = 20_000
CHARACTERS_PER_TOKEN: Final = 4
ROLES: Final = frozenset({"system", "developer", "user", "assistant"})
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Record:
    """One prompt with its reference; `key` is a hash of the prompt's normalised text."""

    key: str
    messages: list[dict[str, Any]] = field(repr=False)
    reference: Any = field(repr=False)
    metadata: dict[str, Any] = field(repr=False)
    prompt_characters: int

    @property
    def prompt_tokens(self) -> int:
        return self.prompt_characters // CHARACTERS_PER_TOKEN


def text_of(content: Any) -> str:
    """Text of a message's content: a string, or a list of parts that may hold `text`."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if isinstance(part, Mapping) and "text" in part)
    return ""


def prompt_key(system: Iterable[str], turns: Iterable[str]) -> str:
    """Hash of a prompt's text, blind to white space and to how it was split into parts."""
    text = "\x1e".join(_SPACE.sub(" ", part).strip() for part in (*system, *turns) if part.strip())
    return hashlib.sha256(text.encode()).hexdigest()


def make_record(row: Mapping[str, Any]) -> Record:
    """Build a record from a JSON object that has `messages`."""
    messages = list(row["messages"])
    system = [text_of(m.get("content")) for m in messages if m.get("role") in ("system", "developer")]
    turns = [text_of(m.get("content")) for m in messages if m.get("role") not in ("system", "developer")]
    metadata = {name: value for name, value in row.items() if name not in ("messages", "id", "tools")}
    return Record(
        prompt_key(system, turns),
        messages,
        row.get("reference_answer"),
        metadata,
        sum(map(len, system)) + sum(map(len, turns)),
    )


def _check_row(row: Any) -> str | None:
    if not isinstance(row, dict):
        return "is not a JSON object"
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        return "has no messages list"
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            return f"has a message whose role is not one of {', '.join(sorted(ROLES))}"
        if not text_of(message.get("content")):
            return "has a message without content"
    if not any(message["role"] == "user" for message in messages):
        return "has no user message"
    if messages[-1]["role"] == "assistant":
        return "ends with an assistant message"
    reference = row.get("reference_answer")
    if reference is not None and (not isinstance(reference, str | dict) or not reference):
        return "has a reference_answer that is neither a non-empty string nor a non-empty object"
    return None


def parse_dataset(data: bytes, what: str) -> list[Record]:
    """Parse JSONL into records.

    Raises:
        JobFailedError: naming the dataset and the line, never its content.
    """
    records = []
    try:
        lines = data.decode("utf-8").removesuffix("\n").split("\n")  # a record may hold U+2028
    except UnicodeDecodeError:
        raise JobFailedError(f"{what} dataset is not UTF-8 encoded JSONL.") from None
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except ValueError:
            raise JobFailedError(f"{what} dataset: line {number} is not valid JSON.") from None
        problem = _check_row(row)
        if problem:
            raise JobFailedError(f"{what} dataset: line {number} {problem}.")
        records.append(make_record(row))
    return records


def check_counts(training: int, validation: int) -> None:
    """Raise JobFailedError unless the numbers of records are within the service's limits."""
    if training < MIN_RECORDS:
        raise JobFailedError(f"Training dataset has {training} records; the minimum is {MIN_RECORDS}.")
    if training + validation > MAX_RECORDS:
        raise JobFailedError(f"Datasets have {training + validation} records; the maximum is {MAX_RECORDS}.")
