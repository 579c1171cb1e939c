"""The texts of a record with their JSON paths, as the checks of content read them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rft.rewards.contract import REFERENCE_KEY, content_text

MAX_CHARACTERS: Final = 200_000  # of one text; what follows is not looked at


def texts_of(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield path and text of every message and of the reference; an object is read as its JSON."""
    for index, message in enumerate(record["messages"]):
        yield f"$.messages[{index}].content", content_text(message.get("content"))[:MAX_CHARACTERS]
    reference = record.get(REFERENCE_KEY)
    if isinstance(reference, str):
        yield f"$.{REFERENCE_KEY}", reference[:MAX_CHARACTERS]
    elif reference is not None:
        yield f"$.{REFERENCE_KEY}", json.dumps(reference, ensure_ascii=False)[:MAX_CHARACTERS]


def prompt_text(record: Mapping[str, Any]) -> str:
    """The text of all messages of a record."""
    return "\n".join(content_text(message.get("content")) for message in record["messages"])[:MAX_CHARACTERS]
