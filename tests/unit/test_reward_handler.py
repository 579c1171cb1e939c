"""The deployed reward function: Bedrock's wire in and out, metrics per split, silent about its data."""

import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rft.rewards.batch import score_batch
from rft.rewards.loading import load_reward

ROOT = Path(__file__).parents[2]
GSM8K = ROOT / "use_cases" / "gsm8k"
Handler = Callable[[Any, Any], list[dict[str, Any]]]


class Context:
    def __init__(self, milliseconds: int = 60_000) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.fixture
def make_handler(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], Handler]:
    monkeypatch.setenv("RFT_USE_CASE", "gsm8k")
    monkeypatch.setenv("RFT_ENVIRONMENT", "dev")

    def make(reward: Any) -> Handler:
        module = ModuleType("reward")
        module.reward = reward  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "reward", module)
        spec = importlib.util.spec_from_file_location("reward_handler", ROOT / "lambda/reward/handler.py")
        assert spec is not None
        assert spec.loader is not None
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        handler: Handler = loaded.handler
        return handler

    return make


def sample(identity: str, response: str, split: str | None = "train", prompt: str = "p1") -> dict[str, Any]:
    marker = {"rft": {"run": "r1", "split": split, "prompt": prompt, "slice": None}} if split else {}
    return {
        "id": identity,
        "messages": [{"role": "user", "content": "PROMPT TEXT"}, {"role": "assistant", "content": response}],
        "metadata": {"reference_answer": "REFERENCE\n#### 72", **marker},
    }


EVENT = [
    sample("1", "#### 72"),
    sample("2", "RESPONSE #### 71"),
    sample("3", "#### 72", "validation", "p2"),
    sample("4", "#### 72", None),
]


def documents(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_the_handler_answers_as_the_command_line_does(make_handler: Any, capsys: Any) -> None:
    answer = make_handler(load_reward(GSM8K))(EVENT, Context())
    assert answer == score_batch(EVENT, load_reward(GSM8K))
    assert [item["id"] for item in answer] == ["1", "2", "3", "4"]
    assert json.dumps(answer)


def test_each_split_gets_one_metrics_line(make_handler: Any, capsys: Any) -> None:
    make_handler(load_reward(GSM8K))(EVENT, Context())
    found = {document["split"]: document for document in documents(capsys.readouterr().out)}
    assert set(found) == {"train", "validation", "unknown"}
    assert found["train"]["Samples"] == [2.0]
    assert found["train"]["RewardMean"] == [pytest.approx(0.5)]
    assert found["train"]["run"] == "r1"
    assert found["train"]["group_std"] == pytest.approx(0.5)
    assert "run" not in found["unknown"]


def test_each_split_tells_how_many_answers_to_a_prompt_differ(make_handler: Any, capsys: Any) -> None:
    answers = ("RESPONSE 1", " response  1\n", "RESPONSE 2", "RESPONSE 1")
    event = [sample(str(n), text) for n, text in enumerate(answers)]
    event += [sample(f"v{n}", text, "validation", "p2") for n, text in enumerate(answers[:2])]
    event += [sample("lone", "RESPONSE", "train", "p3"), sample("unknown", "RESPONSE 1", None)]
    make_handler(lambda _: 1.0)(event, Context())
    told = capsys.readouterr().out
    found = {document["split"]: document.get("distinct_share") for document in documents(told)}
    assert found == {"train": pytest.approx(1 / 3), "validation": 0.0, "unknown": None}
    assert "response" not in told.replace("ResponseCharacters", "").lower()


def test_the_log_never_holds_prompt_response_or_reference(make_handler: Any, capsys: Any) -> None:
    def reward(sample: Any) -> float:
        raise ValueError(f"{sample.response} {sample.reference} {sample.messages}")

    answer = make_handler(reward)(EVENT, Context())
    captured = capsys.readouterr()
    told = captured.out + captured.err + json.dumps(answer)
    assert "reward_error ValueError: 4 samples got the floor" in captured.out
    assert not any(word in told for word in ("PROMPT", "RESPONSE", "REFERENCE", "#### 72"))


def test_errors_are_counted_and_get_the_floor(make_handler: Any, capsys: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("RFT_REWARD_FLOOR", "0.1")
    answer = make_handler(lambda _: float("nan"))(EVENT[:2], Context())
    assert [item["aggregate_reward_score"] for item in answer] == [0.1, 0.1]
    assert documents(capsys.readouterr().out)[0]["RewardErrors"] == [2.0]


def test_samples_are_answered_before_lambda_ends_the_function(make_handler: Any, capsys: Any) -> None:
    def reward(sample: Any) -> float:
        time.sleep(30 if sample.id == "2" else 0)
        return 1.0

    began = time.monotonic()
    answer = make_handler(reward)(EVENT, Context(1600))
    assert time.monotonic() - began < 1.6
    assert [item["aggregate_reward_score"] for item in answer] == [1.0, 0.0, 1.0, 1.0]


def sleepy(_: object) -> float:
    time.sleep(1)
    return 1.0


def test_the_configured_timeout_bounds_the_budget_too(
    make_handler: Any, capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.setenv("RFT_REWARD_TIMEOUT_SECONDS", "1.3")
    began = time.monotonic()
    answer = make_handler(sleepy)(EVENT, Context(900_000))
    assert time.monotonic() - began < 1.3
    assert {item["aggregate_reward_score"] for item in answer} == {0.0}


def test_an_empty_batch_is_answered_with_an_empty_list(make_handler: Any, capsys: Any) -> None:
    assert make_handler(lambda _: 1.0)([], Context()) == []
    assert capsys.readouterr().out == ""


def test_an_event_that_is_no_list_fails_loudly(make_handler: Any) -> None:
    with pytest.raises(ValueError, match="must be a JSON list"):
        make_handler(lambda _: 1.0)({"trajectories": []}, Context())


def test_the_layer_pins_what_the_function_imports() -> None:
    lines = (ROOT / "lambda/layers/reward/requirements.in").read_text(encoding="utf-8").splitlines()
    pins = {line.split("==")[0] for line in lines if "==" in line}
    assert pins == {"aws-lambda-powertools"}
