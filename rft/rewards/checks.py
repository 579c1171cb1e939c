"""What every use case promises of its reward and sample, for the tests in its folder.

Each check returns what is wrong, one line a finding, so that `== []` shows all of it when a test fails.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from rft.names import SPLITS
from rft.rewards.batch import score_batch
from rft.rewards.contract import REFERENCE_KEY, reference_response
from rft.rewards.loading import GOLDEN_FILE, load_reward, read_golden

SAMPLE_FOLDER: Final = "sample"
GENERATOR_FILE: Final = "generate_sample.py"
_DIGITS: Final = 6  # scores are compared after rounding, so that 0.1 + 0.2 is 0.3


def golden_misses(folder: Path) -> list[str]:
    """Golden answers that score outside of the range their author gave."""
    golden = read_golden(folder / GOLDEN_FILE)
    scored = score_batch([answer.sample for answer in golden], load_reward(folder))
    return [
        f"{answer.id} scores {score['aggregate_reward_score']:.3f}, "
        f"expected {answer.minimum:g} to {answer.maximum:g}: {answer.why}"
        for answer, score in zip(golden, scored, strict=True)
        if not answer.minimum <= round(score["aggregate_reward_score"], _DIGITS) <= answer.maximum
    ]


def reference_misses(folder: Path) -> list[str]:
    """Records of the sample whose own reference does not earn the top score."""
    reward = load_reward(folder)
    missed = []
    for split in SPLITS:
        with (folder / SAMPLE_FOLDER / f"{split}.jsonl").open(encoding="utf-8") as lines:
            event = [_referenced(number, json.loads(line)) for number, line in enumerate(lines, start=1)]
        missed += [
            f"{split}.jsonl:{score['id']}: its reference scores {score['aggregate_reward_score']:.3f}"
            for score in score_batch(event, reward)
            if round(score["aggregate_reward_score"], _DIGITS) < 1
        ]
    return missed


def _referenced(number: int, record: dict[str, Any]) -> dict[str, Any]:
    answer = {"role": "assistant", "content": reference_response(record[REFERENCE_KEY])}
    metadata = {key: value for key, value in record.items() if key not in {"id", "messages"}}
    return {"id": str(number), "messages": [*record["messages"], answer], "metadata": metadata}


def sample_differences(folder: Path, scratch: Path) -> list[str]:
    """Sample files that the generator, run in the empty folder `scratch`, does not write again byte for byte."""
    for path in folder.iterdir():
        if path.is_file():
            (scratch / path.name).write_bytes(path.read_bytes())
    copy = scratch / GENERATOR_FILE
    subprocess.run([sys.executable, str(copy)], check=True, capture_output=True)  # noqa: S603 (our own script)
    return [
        f"{SAMPLE_FOLDER}/{split}.jsonl differs from what {GENERATOR_FILE} writes"
        for split in SPLITS
        if (scratch / SAMPLE_FOLDER / f"{split}.jsonl").read_bytes()
        != (folder / SAMPLE_FOLDER / f"{split}.jsonl").read_bytes()
    ]
