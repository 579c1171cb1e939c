"""The checks that every use case's own tests rely on do find what is wrong."""

import json
import shutil
from pathlib import Path

import pytest

from rft.rewards import checks

GSM8K = Path(__file__).resolve().parents[2] / "use_cases" / "gsm8k"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(GSM8K, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def edit_first(path: Path, **members: object) -> None:
    first, rest = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_text(json.dumps({**json.loads(first), **members}) + "\n" + rest, encoding="utf-8")


def test_a_golden_answer_out_of_its_range_is_named(folder):
    edit_first(folder / "golden.jsonl", id="planted", expected={"min": 0.4, "max": 0.5})
    (miss,) = checks.golden_misses(folder)
    assert miss.startswith("planted scores 1.000, expected 0.4 to 0.5")


def test_a_reference_that_does_not_earn_the_top_is_named(folder):
    edit_first(
        folder / "sample" / "validation.jsonl", reference_answer="It is 5 or 6. #### 5\nThe answer is 6."
    )
    (miss,) = checks.reference_misses(folder)
    assert miss.startswith("validation.jsonl:1: its reference scores ")


def test_a_sample_edited_by_hand_is_named(folder, tmp_path):
    edit_first(folder / "sample" / "test.jsonl", difficulty_level="planted")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (difference,) = checks.sample_differences(folder, scratch)
    assert difference.startswith("sample/test.jsonl differs")
