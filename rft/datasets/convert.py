"""Turns other formats into datasets. Lines in, lines out."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from rft.datasets.split import split_lines
from rft.errors import DatasetRejected
from rft.names import SPLITS, TEST

GSM8K_INSTRUCTION: Final = (
    "Solve the problem step by step. End with one last line that holds only the final number, "
    "written as: #### <number>"
)
_CALCULATOR: Final = re.compile(r"<<[^<>]{0,200}>>")


def from_gsm8k(lines: Iterable[bytes], *, source: str, name: str = "input") -> Iterator[bytes]:
    """Yield the dataset record of each GSM8K line (`question`, `answer` ending in `#### N`).

    Calculator annotations such as `<<48/2=24>>` are removed from the answer, because no model writes them.

    Args:
        lines: lines of a GSM8K file.
        source: prefix of each record's task_id, for example `gsm8k-train`.
        name: what to call the input in errors.

    Raises:
        DatasetRejected: naming the first line that is not GSM8K.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            question, answer = _gsm8k_pair(line, f"{name}:{number}")
            yield gsm8k_record(question, answer, f"{source}-{number:05d}")


def gsm8k_record(question: str, answer: str, task_id: str) -> bytes:
    """Return the dataset line of one word problem, as both the converter and the sample generator write
    it."""
    record = {
        "messages": [{"role": "user", "content": f"{question.strip()}\n\n{GSM8K_INSTRUCTION}"}],
        "reference_answer": _CALCULATOR.sub("", answer).strip(),
        "task_id": task_id,
        "difficulty_level": _difficulty(answer.strip().count("\n")),
    }
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def _difficulty(steps: int) -> str:
    return "easy" if steps <= 2 else "medium" if steps <= 4 else "hard"


def write_dataset(
    train: Iterable[bytes],
    folder: Path,
    *,
    held_out: Iterable[bytes] | None = None,
    validation: float = 0.05,
    test: float = 0.1,
) -> dict[str, int]:
    """Write `train.jsonl`, `validation.jsonl` and `test.jsonl` into a folder; return records per split.

    Args:
        train: dataset lines to be split by content.
        folder: created when missing; files of the same names in it are replaced.
        held_out: lines of a test set of its own; then nothing is taken from train for the test.
        validation: share of train for validation.
        test: share of train for the test, when `held_out` is None.
    """
    folder.mkdir(parents=True, exist_ok=True)
    counts: Counter[str] = Counter(dict.fromkeys(SPLITS, 0))
    with ExitStack() as stack:
        files = {split: stack.enter_context((folder / f"{split}.jsonl").open("wb")) for split in SPLITS}
        share = test if held_out is None else 0.0
        for split, line in split_lines(train, validation=validation, test=share):
            files[split].write(line)
            counts[split] += 1
        for line in held_out or ():
            files[TEST].write(line)
            counts[TEST] += 1
    return dict(counts)


def _gsm8k_pair(line: bytes, place: str) -> tuple[str, str]:
    try:
        value = json.loads(line)
    except ValueError:
        raise DatasetRejected(f"{place}: not valid JSON; GSM8K has one JSON object per line") from None
    pair = (value.get("question"), value.get("answer")) if isinstance(value, dict) else (None, None)
    question, answer = pair
    if not isinstance(question, str) or not isinstance(answer, str):
        raise DatasetRejected(
            f"{place}: no text `question` and `answer`; pass a GSM8K file such as train.jsonl"
        )
    if "\n####" not in answer:
        raise DatasetRejected(
            f"{place}: the answer does not end with a line `#### <number>`; mend or drop the line"
        )
    return question, answer
