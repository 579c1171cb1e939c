"""`rft reward score gsm8k` takes the shapes of AWS's own samples, and one bad sample costs itself."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rft.cli.main import app

BEDROCK_SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "bedrock-samples"
REFERENCES = [
    "so\n#### 72", "72", "$72", 72, 72.0, {"final_answer": "72"}, {"final_answer": 72}, {"text": "so\n#### 72"},
    {"answer": "#### 72"}, {"answer": 72}, {"value": 72},
]  # fmt: skip


def scores(tmp_path: Path, event: list[dict[str, Any]]) -> list[dict[str, Any]]:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(event))
    result = CliRunner().invoke(app, ["reward", "score", "gsm8k", str(file), "--json"])
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def sample(number: int, answer: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"id": number, "messages": [{"role": "user", "content": "How many?"}, answer], **rest}


def test_every_shape_of_reference_is_taken_in_metadata_and_beside_it(tmp_path: Path) -> None:
    right = {"role": "assistant", "content": "48 + 24 = 72\n#### 72"}
    wrong = {"role": "assistant", "content": "48 + 24 = 73\n#### 73"}
    event = [
        sample(n, answer, **place)
        for n, (reference, answer) in enumerate((r, a) for r in REFERENCES for a in (right, wrong))
        for place in (
            {"metadata": {"reference_answer": reference}},
            {"reference_answer": reference, "metadata": None},
        )
    ]
    found = scores(tmp_path, event)
    assert [score["id"] for score in found] == [item["id"] for item in event]
    assert [score["aggregate_reward_score"] for score in found] == pytest.approx(
        [1, 1, 0, 0] * len(REFERENCES)
    )


def test_blocks_and_the_role_of_nova_are_taken_and_a_bad_sample_costs_itself(tmp_path: Path) -> None:
    right = {"role": "nova_assistant", "content": [{"text": "48 + 24 = 72\n"}, {"text": "#### 72"}]}
    event = [
        sample(0, right, metadata={"reference_answer": "72"}),
        sample(1, right, metadata={}),
        sample(2, right, ground_truth="72"),
        {"id": 3},
    ]
    found = scores(tmp_path, event)
    assert [score["aggregate_reward_score"] for score in found] == [1.0, 0.0, 1.0, 0.0]
    assert [any(m["name"] == "reward_error" for m in score["metrics_list"]) for score in found] == [
        False,
        True,
        False,
        True,
    ]


@pytest.mark.skipif(not BEDROCK_SAMPLES.is_dir(), reason="../shared/data/bedrock-samples is absent")
def test_the_dataset_of_the_aws_sample_scores_one_without_conversion(tmp_path: Path) -> None:
    event = []
    for path in sorted(BEDROCK_SAMPLES.glob("*.jsonl")):
        for line in filter(str.strip, path.read_text(encoding="utf-8").splitlines()):
            record = json.loads(line)
            answer = {"role": "assistant", "content": record["reference_answer"]}
            event.append({**record, "id": len(event), "messages": [*record["messages"], answer]})
    assert len(event) == 400
    assert {score["aggregate_reward_score"] for score in scores(tmp_path, event)} == {1.0}
