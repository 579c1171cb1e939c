"""100,000 damaged lines: no crash, and every finding of a line names a line that is there."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.datasets.chunks import BytesSource
from rft.datasets.outcome import Validation
from rft.datasets.rules import Rules
from rft.datasets.validate import validate

LINES, PER_FILE = 100_000, 2_000
SAMPLES = sorted((Path(__file__).resolve().parents[2] / "use_cases").glob("*/sample/train.jsonl"))
RULES = Rules(min_training_records=1, max_records=10**6, max_prompt_tokens=4096)
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    1e308,
    "",
    " ",
    "\ud800",
    [],
    {},
    [[]],
    "####",
    "<unk>",
    "a" * 3000,
)
BYTES = (
    b"\xff",
    b"\x00",
    b"\r",
    b"\n",
    b"\xef\xbb\xbf",
    b'"',
    b"\\",
    b"{",
    b"]",
    b":",
    b"NaN",
    b"\\ud800",
    b"\t",
)


def cut(line: bytes, chance: random.Random) -> bytes:
    return line[: chance.randrange(len(line) + 1)]


def flip(line: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(line))
    return line[:place] + bytes([chance.randrange(256)]) + line[place + 1 :]


def insert(line: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(line))
    return line[:place] + chance.choice(BYTES) * chance.choice((1, 1, 3, 80)) + line[place:]


def repeat(line: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.choices(range(len(line)), k=2))
    return line[:end] + line[start:end] + line[end:]


def restructure(line: bytes, chance: random.Random) -> bytes:
    """Replace, remove or rename one value at any depth."""
    record = json.loads(line)
    places = list(containers(record))
    holder = chance.choice(places)
    key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    if chance.random() < 0.3:
        del holder[key]
    elif isinstance(holder, dict) and chance.random() < 0.2:
        holder[chance.choice(("rft", "id", "tools", "role", "content", "messages", "x"))] = holder.pop(key)
    else:
        holder[key] = chance.choice(ODD)
    return json.dumps(record, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def containers(value: Any) -> Any:
    if isinstance(value, dict | list):
        if value:
            yield value
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (cut, flip, insert, repeat, restructure)


@pytest.mark.parametrize("number", range(LINES // PER_FILE))
def test_damaged_lines_crash_nothing_and_each_finding_has_its_line(number: int) -> None:
    chance = random.Random(number)
    sound = [line for path in chance.sample(SAMPLES, 2) for line in path.read_bytes().splitlines()]
    damaged = [chance.choice(DAMAGES)(chance.choice(sound), chance) for _ in range(PER_FILE)]
    half = PER_FILE // 2
    files = {"train": b"\n".join(damaged[:half]), "test": b"\n".join(damaged[half:])}
    outcome = validate({split: BytesSource(data) for split, data in files.items()}, RULES)
    assert json.loads(json.dumps(outcome.to_json()))
    assert outcome.findings.errors > 100
    for finding in outcome.findings.shown:
        lines = files[finding.file.removesuffix(".jsonl")].count(b"\n") + 1
        assert finding.line <= lines
        assert finding.line >= 1 or finding.code.area in ("file", "dataset")
        assert finding.fix


def check(data: bytes) -> Validation:
    return validate({"train": BytesSource(data)}, RULES)


@given(st.lists(st.binary(max_size=40) | st.just(b'{"messages": [{"role": "user", "content": "x"}]}')))
def test_no_bytes_make_validation_raise(lines: list[bytes]) -> None:
    outcome = check(b"\n".join(lines))
    assert json.dumps(outcome.to_json())


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["messages", "role", "content", "tools", "type", "text", "rft"]), inner
            )
        ),
        max_leaves=20,
    )
)
def test_no_json_makes_validation_raise(value: Any) -> None:
    assert json.dumps(check(json.dumps(value).encode()).to_json())
