"""Answers to be graded: the sample's own ideal ones; of word problems as long as models write them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rft.names import SPLITS
from rft.rewards.checks import SAMPLE_FOLDER
from rft.rewards.contract import REFERENCE_KEY, reference_response
from rft.rewards.numeric import final_number

CHARACTERS: Final = 1_640  # about 400 tokens
MARK: Final = "####"


def events(folder: Path, *, numeric: bool) -> list[dict[str, Any]]:
    """Return one sample in Bedrock's form for each record of a use case's sample folder.

    Raises:
        FileNotFoundError: when it has no sample.
    """
    samples = []
    for number, record in enumerate(_records(folder / SAMPLE_FOLDER)):
        reference = record[REFERENCE_KEY]
        ideal = reference_response(reference)
        answer = {"role": "assistant", "content": _worked(ideal) if numeric else ideal}
        metadata = {key: value for key, value in record.items() if key not in {"id", "messages"}}
        samples.append({"id": str(number), "messages": [*record["messages"], answer], "metadata": metadata})
    return samples


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    for split in SPLITS:
        with (folder / f"{split}.jsonl").open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)


def _worked(ideal: str) -> str:
    """The ideal answer with its steps repeated up to `CHARACTERS`, its number in a box and behind the mark."""
    steps, _, number = ideal.rpartition(MARK)
    number = number.strip() if steps else str(final_number(ideal))
    end = f"\nThe final answer is $\\boxed{{{number}}}$.\n{MARK} {number}"
    repeated = (steps or "We count. ") * (CHARACTERS // max(1, len(steps)) + 1)
    return repeated[: CHARACTERS - len(end)].rstrip() + end
