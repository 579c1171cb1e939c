"""Near duplicates stay in one set, slices get their share, and records that are added move no others."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rft.datasets.chunks import BytesSource, FileSource
from rft.datasets.converters.port import Options
from rft.datasets.converters.questions import from_gsm8k
from rft.datasets.converters.writing import write_dataset
from rft.datasets.rules import Rules
from rft.datasets.split import plan, split_lines
from rft.datasets.validate import validate

GSM8K = Path(__file__).parents[3] / "shared" / "data" / "gsm8k"
WORDS = [
    f"{first}{second}"
    for first in ("ba", "ke", "li", "mo", "ru", "sa")
    for second in ("dan", "fel", "gor", "nit", "pum")
]
CROSSING = {"leaked_prompt", "leaked_nearly", "validation_overlap"}


def line(text: str, **extra: Any) -> bytes:
    record = {"messages": [{"role": "user", "content": text}], "reference_answer": "4", **extra}
    return json.dumps(record).encode() + b"\n"


def prompt(seed: int, reworded: int = 0) -> str:
    """A prompt of 40 words of its own; each rewording changes one of them."""
    words = [
        f"{random.Random(seed * 100 + place).choice(WORDS)}{seed:x}".translate(LETTERS) for place in range(40)
    ]
    for place in range(reworded):
        words[(7 * place + 3) % 40] = f"{random.Random(reworded).choice(WORDS)}other"
    return " ".join(words)


LETTERS = str.maketrans("0123456789", "ghijklmnop")


def split(lines: list[bytes], **how: Any) -> dict[bytes, str]:
    shares = {"validation": 0.2, "test": 0.3, **how}
    return {content: name for name, content in split_lines(BytesSource(b"".join(lines)), **shares)}


families = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2)), min_size=1, max_size=40, unique=True)


@settings(max_examples=60, deadline=None)
@given(families)
def test_near_duplicates_stay_together(members: list[tuple[int, int]]) -> None:
    lines = {member: line(prompt(*member)) for member in members}
    found = split(list(lines.values()))
    sets: dict[int, set[str]] = {}
    for member, content in lines.items():
        sets.setdefault(member[0], set()).add(found[content])
    assert all(len(names) == 1 for names in sets.values())


@settings(max_examples=60, deadline=None)
@given(families, st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_matter(members: list[tuple[int, int]], chance: random.Random) -> None:
    lines = [line(prompt(*member)) for member in members]
    shuffled = list(lines)
    chance.shuffle(shuffled)
    assert split(lines, slice_key="none") == split(shuffled, slice_key="none")


def test_a_record_that_joins_moves_none_but_those_of_its_own_group() -> None:
    families = [[line(prompt(seed, change)) for change in range(2)] for seed in range(150)]
    before = split([content for family in families for content in family])
    for joining in (line(prompt(7, 2)), line(prompt(900))):
        after = split([*(content for family in families for content in family), joining])
        moved = {content for content, name in before.items() if after[content] != name}
        assert moved <= set(families[7])


@pytest.mark.parametrize("how", [{}, {"slice_key": "difficulty_level"}])
def test_every_slice_gets_about_its_share(how: dict[str, str]) -> None:
    sizes = {"easy": 400, "medium": 100, "hard": 40, "rare": 20}
    lines = [
        line(f"question {number} {name}", difficulty_level=name)
        for name, size in sizes.items()
        for number in range(size)
    ]
    found = split(lines, validation=0.1, test=0.1, **how)
    counts = Counter((json.loads(content)["difficulty_level"], name) for content, name in found.items())
    for name, size in sizes.items():
        for part in ("validation", "test"):
            assert 0.05 * size <= counts[name, part] <= 0.15 * size, (name, part)


def test_a_key_that_no_two_records_share_changes_nothing() -> None:
    plain = [line(f"question {number}") for number in range(300)]
    named = [line(f"question {number}", label=str(number)) for number in range(300)]
    assert list(split(plain).values()) == list(split(named).values())


def test_a_plan_counts_records_and_not_blank_lines() -> None:
    source = BytesSource(b"\n" + line("one") + b" \n" + line("two"))
    for share in (0.0, 0.2):
        assert len(plan(source, validation=share, test=share).splits) == 2
        found = split_lines(source, validation=share, test=share)
        assert [content for _, content in found] == [line("one"), line("two")]


def test_an_empty_file_has_an_empty_plan() -> None:
    assert list(split_lines(BytesSource(b""), validation=0.1, test=0.1)) == []


@pytest.mark.skipif(not GSM8K.is_dir(), reason="../shared/data/gsm8k is absent")
def test_a_split_of_gsm8k_leaves_no_near_duplicate_across_sets(tmp_path: Path) -> None:
    write_dataset(from_gsm8k(GSM8K / "train.jsonl", Options()), tmp_path, validation=0.1, test=0.2)
    files = {name: FileSource(tmp_path / f"{name}.jsonl") for name in ("train", "validation", "test")}
    outcome = validate(files, Rules(min_training_records=1, max_records=99_999))
    assert not {code.value for _, code in outcome.findings.counts} & CROSSING
