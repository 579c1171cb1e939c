"""A few records of local files, in full, for the page that `rft validate --report` writes."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from rft import catalogue
from rft.datasets.checks.personal_data import kinds_in
from rft.datasets.checks.secrets import credentials_in
from rft.datasets.lines import LineError, decode, read_lines
from rft.datasets.report import Sample
from rft.rewards.contract import REFERENCE_KEY, BadSampleError, content_text

EACH: Final = 2  # of every file
MAX_CHARACTERS: Final = 1500  # of a text
MASKED: Final = "(not shown: it holds personal data or a credential)"


def samples_of(files: Mapping[str, Path]) -> list[Sample]:
    """The first sound records of each file; texts with personal data or credentials are masked."""
    found = []
    for split, path in files.items():
        kept = 0
        with path.open("rb") as file:
            for number, line in enumerate(read_lines(file), start=1):
                sample = _sample(f"{split}.jsonl:{number}", line)
                found += [sample] if sample else []
                kept += sample is not None
                if kept == EACH or number > 100:
                    break
    return found


def _sample(place: str, line: bytes) -> Sample | None:
    try:
        record = decode(line, first=False)
        messages = [(str(m["role"]), content_text(m.get("content"))) for m in record["messages"]]
    except (LineError, BadSampleError, KeyError, TypeError):
        return None
    characters = sum(len(text) for _, text in messages)
    texts = [*messages, *_reference(record)]
    return Sample(
        place=place,
        roles=[role for role, _ in messages],
        tokens=round(characters / catalogue.CHARACTERS_PER_TOKEN),
        keys=[key for key in record if key not in {"messages", REFERENCE_KEY}],
        texts=[(name, _shown(text)) for name, text in texts],
    )


def _reference(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    reference = record.get(REFERENCE_KEY)
    if reference is None:
        return []
    told = reference if isinstance(reference, str) else json.dumps(reference, ensure_ascii=False, indent=2)
    return [(REFERENCE_KEY, told)]


def _shown(text: str) -> str:
    if any(kinds_in(text)) or credentials_in(text):
        return MASKED
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]} …"
