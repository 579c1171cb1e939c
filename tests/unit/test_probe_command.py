"""`rft probe` with simulated models on this machine."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rft.cli.main import app

MODELS = "amazon.nova-micro-v1:0,amazon.nova-2-lite-v1:0:256k,qwen.qwen3-32b-v1:0"


def probe(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["probe", "gsm8k", "--endpoint", "simulated", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_models_are_compared_on_the_same_prompts() -> None:
    code, out, _ = probe("--models", MODELS, "--json")
    found = json.loads(out)
    assert code == 0
    assert found["simulated"] is True
    assert [one["model"] for one in found["models"]] == MODELS.split(",")
    assert {one["prompts"] for one in found["models"]} == {64}
    rewards = [one["mean_reward"] for one in found["models"]]
    assert rewards == sorted(rewards)  # the simulated skills ascend
    prices = [one["usd_per_1000_answers"] for one in found["models"]]
    assert prices[0] is None  # the table has none of it, and nothing is guessed
    assert prices[1] > 0


def test_the_page_and_the_proposed_subset_are_written(tmp_path: Path) -> None:
    page, easier = tmp_path / "probe.html", tmp_path / "easier.jsonl"
    code, out, err = probe("--report", str(page), "--subset", "easier", "--out", str(easier))
    assert code == 0
    assert "ready" in out
    assert "READY" in page.read_text(encoding="utf-8")
    kept = [json.loads(line) for line in easier.read_text(encoding="utf-8").splitlines()]
    assert 20 < len(kept) < 64
    assert all("rft" not in record and record["reference_answer"] for record in kept)
    assert f"{len(kept)} of 64 prompts" in err


def test_a_reward_that_cannot_read_right_answers_ends_with_exit_code_1(tmp_path: Path) -> None:
    lines = [
        json.dumps(
            {
                "messages": [
                    {"role": "user", "content": f"Prove conjecture number {n}. End with #### <number>"}
                ],
                "reference_answer": {"unknown": f"{n}"},
            }
        )
        for n in range(120)
    ]
    (tmp_path / "train.jsonl").write_text("\n".join(lines), encoding="utf-8")
    code, out, _ = probe("--data", str(tmp_path), "--json")
    assert code == 1
    assert json.loads(out)["models"][0]["verdict"] == "format-bound"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--data", "nowhere"], "no such file"),
        (["--subset", "easier"], "together"),
        (["--subset", "nicer", "--out", "x"], "easier, harder, useful"),
        (["--endpoint", "moon"], "allowed: auto, bedrock, simulated"),
    ],
)
def test_a_call_that_cannot_start_says_why(arguments: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["probe", "gsm8k", *arguments])
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_file_that_is_no_dataset_is_named(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("{}\n", encoding="utf-8")
    code, _, err = probe("--data", str(tmp_path))
    assert code == 2
    assert "train.jsonl: malformed" in err.replace("\n", "")
