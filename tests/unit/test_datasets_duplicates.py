"""Repeated and leaked prompts are found at their lines; prompts of one template that ask for something else are not."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from rft.datasets.checks import checks_of
from rft.datasets.chunks import BytesSource, chunks
from rft.datasets.codes import Code
from rft.datasets.merge import merge
from rft.datasets.outcome import Validation
from rft.datasets.rules import Rules
from rft.datasets.scan import scan
from rft.datasets.validate import validate, with_common
from tests.unit import defects

RULES = Rules(min_training_records=1, max_records=99_999)
GSM8K = Path(__file__).parents[3] / "shared" / "data" / "gsm8k"
CLIPS = (
    "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May to friends of "
    "her sister Ann. How many clips did Natalia sell altogether in April and May?"
)
REWORDED = (
    "In April Natalia sold clips to 48 of her friends, and then she sold half as many clips in May to some friends of "
    "her sister Ann. How many clips did Natalia sell in total in April and May?"
)


def asked(text: str, answer: str = "72", **extra: Any) -> defects.Record:
    return {"messages": [{"role": "user", "content": text}], "reference_answer": answer, **extra}


def check(**files: list[defects.Record]) -> Validation:
    sources = {split: BytesSource(b"".join(map(defects.encode, found))) for split, found in files.items()}
    return validate(sources, RULES)


def found(outcome: Validation) -> set[tuple[str, int, Code]]:
    return {(f.file.removesuffix(".jsonl"), f.line, f.code) for f in outcome.findings.shown}


@pytest.mark.parametrize(
    ("other", "code"),
    [
        (CLIPS, Code.DUPLICATE_PROMPT),
        (CLIPS.upper(), Code.DUPLICATE_PROMPT),
        (CLIPS.replace(" ", "\n "), Code.DUPLICATE_PROMPT),
        (REWORDED, Code.NEAR_DUPLICATE),
        (CLIPS.replace("48", "84"), None),
        (CLIPS.replace("Ann", "Tom").replace("Natalia", "Pedro"), None),
        (
            "Each of the 48 apples that Natalia picked in April for Ann was half red. What is 48 in dozens, in May?",
            None,
        ),
    ],
)
def test_a_prompt_repeats_another_when_only_its_wording_differs(other: str, code: Code | None) -> None:
    expected = {("train", 2, code)} if code else set()
    assert found(check(train=[asked(CLIPS), asked(other)])) == expected


def test_one_prompt_with_two_references_is_a_conflict() -> None:
    outcome = check(train=[asked(CLIPS), asked(CLIPS, "71")])
    assert ("train", 2, Code.CONFLICTING_REFERENCE) in found(outcome)
    assert not outcome.ok


@pytest.mark.parametrize(("text", "code"), [(CLIPS, Code.LEAKED_PROMPT), (REWORDED, Code.LEAKED_NEARLY)])
def test_a_test_prompt_elsewhere_is_told_where_it_must_go(text: str, code: Code) -> None:
    outcome = check(train=[asked("Is it 3?"), asked(text)], test=[asked("Is it 4?"), asked(CLIPS)])
    assert found(outcome) == {("train", 2, code)}
    assert "test.jsonl:2" in outcome.findings.shown[0].what
    assert not outcome.ok


def test_a_test_prompt_inside_a_longer_text_is_found() -> None:
    longer = (
        f"Here is an old exam of ours. Write 3 more like it. {CLIPS} Then the bell rang and 15 pupils left."
    )
    outcome = check(train=[asked("Is it 3?"), asked(longer)], test=[asked("Is it 4?"), asked(CLIPS)])
    assert found(outcome) == {("train", 2, Code.LEAKED_PASSAGE)}
    assert "test.jsonl:2" in outcome.findings.shown[0].what


def test_a_prompt_in_train_and_validation_is_a_warning() -> None:
    outcome = check(train=[asked(CLIPS)], validation=[asked(CLIPS)])
    assert found(outcome) == {("validation", 1, Code.VALIDATION_OVERLAP)}
    assert outcome.ok


def test_blocks_and_text_of_the_same_prompt_are_the_same_prompt() -> None:
    blocks = {**asked(""), "messages": [{"role": "user", "content": [{"type": "text", "text": CLIPS}]}]}
    assert found(check(train=[asked(CLIPS)], test=[blocks])) == {("train", 1, Code.LEAKED_PROMPT)}


def test_an_instruction_that_all_share_makes_no_two_prompts_alike() -> None:
    chance = random.Random(5)
    rule = "Read the message with care, weigh every word of it, and then answer in one line that begins with label."
    texts = [f"{rule}\n{defects.sound(chance)['messages'][0]['content']}" for _ in range(120)]
    assert found(check(train=[asked(text, str(n)) for n, text in enumerate(texts)])) == set()


def reword(text: str) -> str:
    """The same task in slightly other words."""
    swaps = (("How many", "What number of"), ("buys", "purchases"), ("then", "afterwards"), (" a ", " one "))
    question, mark, rest = text.partition("\n")
    changed = question
    for old, new in swaps:
        changed = changed.replace(old, new, 1)
    return (changed if changed != question else f"Please note: {question}") + mark + rest


def planted(tests: list[defects.Record], train: list[defects.Record]) -> dict[int, Code]:
    """Copy 20 test records into train, five of them reworded; return the code to be found at each line."""
    chance, expected = random.Random(11), dict[int, Code]()
    for number, record in enumerate(chance.sample(tests, 20)):
        copy = json.loads(json.dumps(record))
        if number % 4 == 0:
            copy["messages"][0]["content"] = reword(copy["messages"][0]["content"])
        place = chance.randrange(len(train))
        train.insert(place, copy)
        expected = {line + (line > place): code for line, code in expected.items()}
        expected[place + 1] = Code.LEAKED_NEARLY if number % 4 == 0 else Code.LEAKED_PROMPT
    return expected


def test_every_one_of_twenty_planted_leaks_is_found_and_no_other() -> None:
    chance = random.Random(2)
    train, tests = ([defects.sound(chance) for _ in range(count)] for count in (400, 100))
    expected = planted(tests, train)
    outcome = check(train=train, test=tests)
    assert {(line, code) for _, line, code in found(outcome)} == set(expected.items())


@pytest.mark.skipif(not GSM8K.is_dir(), reason="../shared/data is absent")
def test_leaks_planted_into_the_real_gsm8k_are_found() -> None:
    def load(name: str) -> list[defects.Record]:
        lines = (GSM8K / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
        return [asked(item["question"], item["answer"]) for item in map(json.loads, lines)]

    train, tests = load("train"), load("test")
    clean = found(check(train=train, test=tests))
    assert {code for _, _, code in clean} <= {Code.NEAR_DUPLICATE}
    assert len(clean) <= 3  # one problem is there twice under two names, besides
    expected = planted(tests, train)
    leaks = {
        (line, code)
        for _, line, code in found(check(train=train, test=tests))
        if code.value.startswith("leak")
    }
    assert leaks == set(expected.items())


def test_chunks_find_the_same_duplicates_as_the_whole() -> None:
    chance = random.Random(9)
    train = [defects.sound(chance) for _ in range(150)]
    train[120] = train[7]
    source = BytesSource(b"".join(map(defects.encode, train)))
    rules = with_common(RULES, source)
    parts = [scan(source, chunk, "train", rules, checks_of(rules)) for chunk in chunks(source.size, 5000)]
    assert found(merge({"train": parts}, rules, checks_of(rules))) == {("train", 121, Code.DUPLICATE_PROMPT)}


def test_thousands_of_prompts_of_one_template_are_compared_in_seconds() -> None:
    words = [f"word{number}" for number in range(400)]
    chance = random.Random(1)
    train = [
        asked("Sort these words by length, please: " + ", ".join(chance.sample(words, 25)), str(number))
        for number in range(4000)
    ]
    train.append(json.loads(json.dumps(train[5]).replace("please", "now")))
    assert found(check(train=train)) == {("train", 4001, Code.NEAR_DUPLICATE)}
