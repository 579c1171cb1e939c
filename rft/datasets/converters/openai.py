"""Datasets of OpenAI's and Azure OpenAI's reinforcement fine-tuning: chat messages, and item fields for graders.

Source: developers.openai.com, guide "Graders" and API reference of `fine_tuning.jobs`; learn.microsoft.com,
"Reinforcement fine-tuning". Both take the same file; every key besides `messages` is an item field.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rft.datasets.converters.port import REFERENCE_COLUMNS, Dropped, Kept, Options
from rft.datasets.converters.questions import json_lines
from rft.rewards.contract import REFERENCE_KEY

ITEM_FIELD: Final = re.compile(r"\{\{\s*item\.([A-Za-z0-9_]+)")


def from_openai(path: Path, options: Options) -> Iterator[Kept | Dropped]:
    """Yield the record of each line; the reference is the field that `options.reference` names, or the first of
    the usual ones. The answer of older Azure files, a last assistant message, becomes the reference."""
    for line, value in json_lines(path):
        yield value if isinstance(value, Dropped) else _record(line, value, options)


def reference_field(grader: Mapping[str, Any]) -> str | None:
    """The item field that a grader compares with: of the first `reference` that names one, or of any text of it."""
    texts = list(_texts(grader, only="reference")) + list(_texts(grader))
    return next((found[1] for text in texts if (found := ITEM_FIELD.search(text))), None)


def _record(line: int, value: dict[str, Any], options: Options) -> Kept | Dropped:
    messages = value.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(m, dict) for m in messages):
        return Dropped(line, "no list `messages`")
    known = [options.reference] if options.reference else [key for key in REFERENCE_COLUMNS if key in value]
    key = known[0] if known else None
    reference = value.get(key) if key else None
    if reference is None and messages[-1].get("role") == "assistant":
        messages, reference = messages[:-1], messages[-1].get("content")
    if options.reference and reference is None:
        return Dropped(line, f"no field `{options.reference}`, which the grader compares with")
    if not any(message.get("role") == "user" for message in messages):
        return Dropped(line, "no user message")
    if isinstance(reference, bool | int | float):
        reference = str(reference)
    if reference is not None and not isinstance(reference, str | dict):
        reference = {"value": reference}
    extra = {name: item for name, item in value.items() if name not in {"messages", REFERENCE_KEY}}
    answer = {} if reference is None else {REFERENCE_KEY: reference}
    return Kept(line, {"messages": messages, **answer, **extra})


def _texts(grader: Any, only: str | None = None) -> Iterator[str]:
    if isinstance(grader, Mapping):
        for key, value in grader.items():
            if isinstance(value, str):
                if only in (None, key):
                    yield value
            else:
                yield from _texts(value, only)
    elif isinstance(grader, list):
        for item in grader:
            yield from _texts(item, only)
