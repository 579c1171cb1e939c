"""What this use case promises; add the answers that must not be fooled to `golden.jsonl`."""

from pathlib import Path

from rft.rewards import checks

FOLDER = Path(__file__).parent


def test_golden_answers_score_within_their_ranges() -> None:
    assert checks.golden_misses(FOLDER) == []


def test_every_reference_earns_the_top_score() -> None:
    assert checks.reference_misses(FOLDER) == []


def test_the_generator_writes_the_checked_in_sample_again(tmp_path: Path) -> None:
    assert checks.sample_differences(FOLDER, tmp_path) == []
