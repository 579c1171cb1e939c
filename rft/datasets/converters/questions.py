"""Questions with answers (GSM8K among them), and plain lists of prompts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rft.datasets.converters.port import (
    PROMPT_COLUMNS,
    REFERENCE_COLUMNS,
    SYSTEM_COLUMNS,
    Dropped,
    Kept,
    Options,
    prompt_record,
)
from rft.datasets.lines import LineError, decode, read_lines

GSM8K_INSTRUCTION: Final = (
    "Solve the problem step by step. End with one last line that holds only the final number, "
    "written as: #### <number>"
)
_CALCULATOR: Final = re.compile(r"<<[^<>]{0,200}>>")


def from_gsm8k(path: Path, options: Options) -> Iterator[Kept | Dropped]:
    """Yield the record of each GSM8K line (`question`, `answer` ending in `#### N`).

    Calculator annotations such as `<<48/2=24>>` are removed from the answer, because no model writes them.
    """
    for line, value in json_lines(path):
        if isinstance(value, Dropped):
            yield value
            continue
        question, answer = value.get("question"), value.get("answer")
        if not isinstance(question, str) or not isinstance(answer, str):
            yield Dropped(line, "no text `question` and `answer`")
        elif "\n####" not in answer:
            yield Dropped(line, "the answer does not end with a line `#### <number>`")
        else:
            yield Kept(line, gsm8k_record(question, answer, f"gsm8k-{path.stem}-{line:05d}"))


def gsm8k_record(question: str, answer: str, task_id: str) -> dict[str, Any]:
    """The dataset record of one word problem, as both the converter and the sample generator write it."""
    return {
        "messages": [{"role": "user", "content": f"{question.strip()}\n\n{GSM8K_INSTRUCTION}"}],
        "reference_answer": _CALCULATOR.sub("", answer).strip(),
        "task_id": task_id,
        "difficulty_level": _difficulty(answer.strip().count("\n")),
    }


def from_qa(path: Path, options: Options) -> Iterator[Kept | Dropped]:
    """Yield the record of each JSON line with a question and an answer, whatever the two keys are called."""
    for line, value in json_lines(path):
        yield value if isinstance(value, Dropped) else _question(line, value, options)


def from_prompts(path: Path, options: Options) -> Iterator[Kept | Dropped]:
    """Yield a record without a reference for each line: text, or JSON with a prompt."""
    with path.open("rb") as file:
        for line, data in enumerate(read_lines(file), start=1):
            try:
                text = data.decode("utf-8").strip()
            except UnicodeDecodeError:
                yield Dropped(line, "the line is not UTF-8")
                continue
            if not text:
                yield Dropped(line, "the line is blank")
            elif text[0] in '{"':
                yield _prompt(line, data, options)
            else:
                yield Kept(line, prompt_record(text, None, options))


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield number and JSON object of each line, or what is wrong with it as `Dropped`."""
    with path.open("rb") as file:
        for line, data in enumerate(read_lines(file), start=1):
            try:
                yield line, decode(data.replace(b"\r\n", b"\n"), first=line == 1)
            except LineError as error:
                yield line, Dropped(line, error.fault.what)


def _prompt(line: int, data: bytes, options: Options) -> Kept | Dropped:
    try:
        value = json.loads(data)
    except ValueError:
        return Dropped(line, "the line is neither text nor JSON")
    if isinstance(value, str) and value.strip():
        return Kept(line, prompt_record(value, None, options))
    if isinstance(value, dict):
        return _question(line, value, options, reference_needed=False)
    return Dropped(line, "the line holds no prompt")


def _question(
    line: int, value: dict[str, Any], options: Options, *, reference_needed: bool = True
) -> Kept | Dropped:
    keys = [options.prompt] if options.prompt else [key for key in PROMPT_COLUMNS if key in value]
    answers = [options.reference] if options.reference else [key for key in REFERENCE_COLUMNS if key in value]
    prompt = value.get(keys[0]) if keys else None
    reference = value.get(answers[0]) if answers else None
    if not isinstance(prompt, str) or not prompt.strip():
        return Dropped(line, f"no text under {' or '.join(keys or PROMPT_COLUMNS)}")
    if reference_needed and not isinstance(reference, str | dict | int | float):
        return Dropped(line, f"no answer under {' or '.join(answers or REFERENCE_COLUMNS)}")
    system = next((value[key] for key in SYSTEM_COLUMNS if isinstance(value.get(key), str)), None)
    used = {*keys[:1], *answers[:1], *SYSTEM_COLUMNS}
    extra = {key: item for key, item in value.items() if key not in used}
    if isinstance(reference, int | float):
        reference = json.dumps(reference)
    return Kept(line, prompt_record(prompt, reference, options, system=system, **extra))


def _difficulty(steps: int) -> str:
    return "easy" if steps <= 2 else "medium" if steps <= 4 else "hard"
