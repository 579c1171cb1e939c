"""Promises of this use case: golden answers score as expected, references score 1, the sample is
reproducible."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rft.rewards.batch import score_batch
from rft.rewards.contract import reference_response
from rft.rewards.loading import GoldenAnswer, load_reward, read_golden

FOLDER = Path(__file__).parent
REWARD = load_reward(FOLDER)
SPLITS = ("train", "validation", "test")


@pytest.mark.parametrize("golden", read_golden(FOLDER / "golden.jsonl"), ids=lambda golden: golden.id)
def test_a_golden_answer_scores_within_its_range(golden: GoldenAnswer) -> None:
    (scored,) = score_batch([golden.sample], REWARD)
    assert golden.minimum <= round(scored["aggregate_reward_score"], 6) <= golden.maximum, golden.why


@pytest.mark.parametrize("split", SPLITS)
def test_every_reference_earns_the_top_score(split: str) -> None:
    records = [json.loads(line) for line in (FOLDER / "sample" / f"{split}.jsonl").open(encoding="utf-8")]
    event = [
        {
            "id": str(number),
            "messages": [
                *record["messages"],
                {"role": "assistant", "content": reference_response(record["reference_answer"])},
            ],
            "metadata": {"reference_answer": record["reference_answer"]},
        }
        for number, record in enumerate(records)
    ]
    assert {item["aggregate_reward_score"] for item in score_batch(event, REWARD)} == {1.0}


def test_the_generator_writes_the_checked_in_sample_again(tmp_path: Path) -> None:
    copy = tmp_path / "generate_sample.py"
    copy.write_bytes((FOLDER / "generate_sample.py").read_bytes())
    subprocess.run([sys.executable, str(copy)], check=True)
    for split in SPLITS:
        made = (tmp_path / "sample" / f"{split}.jsonl").read_bytes()
        assert made == (FOLDER / "sample" / f"{split}.jsonl").read_bytes()
