"""What this use case promises, measured with the simulated judge; add answers that must not fool it to
`golden.jsonl`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rft.cli.bedrock_endpoint import judge_endpoint
from rft.cli.project import use_case
from rft.rewards import checks

FOLDER = Path(__file__).parent


@pytest.fixture(autouse=True, scope="module")
def _simulated_judge() -> Iterator[None]:
    with judge_endpoint(use_case(FOLDER.name)[0].reward, "simulated"):
        yield


def test_golden_answers_score_within_their_ranges() -> None:
    assert checks.golden_misses(FOLDER) == []


def test_every_reference_earns_the_top_score() -> None:
    assert checks.reference_misses(FOLDER) == []


def test_the_generator_writes_the_checked_in_sample_again(tmp_path: Path) -> None:
    assert checks.sample_differences(FOLDER, tmp_path) == []
