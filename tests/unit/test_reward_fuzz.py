"""100,000 damaged samples through the deployed handler: no exception, no score outside [0, 1], no id lost."""

import importlib.util
import json
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rft import aws
from rft import rewards as library
from rft.reward_settings import Judge
from rft.rewards import Rubric, Sample, Score
from rft.rewards.contract import BadSampleError, parse_sample
from rft.rewards.loading import load_reward
from tests.unit.fuzz_events import CANARY, ODD_TEXTS, ODD_VALUES, USE_CASES, damaged

ROOT = Path(__file__).resolve().parents[2]
BATCH = 400
# Samples of each use case; those that ask a judge or run programs take longer each.
COUNTS = {
    "gsm8k": 58_000,
    "gsm8k-open": 2_000,
    "content-moderation": 14_000,
    "tool-calling": 13_000,
    "invoice-extraction": 10_000,
    "text-to-sql": 2_400,
    "code-generation": 300,
    "summarization": 300,
}
PARTS = [(name, part) for name, count in COUNTS.items() for part in range(1 + count // 20_001)]
Handler = Callable[[Any, Any], list[dict[str, Any]]]


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@pytest.fixture
def make_handler(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Handler]:
    def make(use_case: str) -> Handler:
        monkeypatch.setenv("RFT_USE_CASE", use_case)
        monkeypatch.setenv("RFT_ENVIRONMENT", "dev")
        monkeypatch.setenv("RFT_REWARD_CONCURRENCY", "2")
        monkeypatch.setenv("RFT_EXECUTOR", '{"engine": "wasm", "program_seconds": 0.5}')
        monkeypatch.setenv("RFT_JUDGE", Judge(model="amazon.nova-pro-v1:0").model_dump_json())
        monkeypatch.setattr(aws, "ask_judge", graded)
        module = ModuleType("reward")
        module.reward = load_reward(USE_CASES / use_case)  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "reward", module)
        spec = importlib.util.spec_from_file_location("reward_handler", ROOT / "lambda/reward/handler.py")
        assert spec is not None
        assert spec.loader is not None
        loaded = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        handler: Handler = loaded.handler
        return handler

    return make


def graded(request: Any, **_: Any) -> dict[str, Any]:
    """A judge that gives every criterion its most, and now and then says something else."""
    tool = request["toolConfig"]["tools"][0]["toolSpec"]
    told = {
        name: part.get("maximum", "because")
        for name, part in tool["inputSchema"]["json"]["properties"].items()
    }
    odd = len(str(request)) % 7 == 0
    block = (
        {"text": "no tool"} if odd else {"toolUse": {"toolUseId": "t", "name": tool["name"], "input": told}}
    )
    message = {"role": "assistant", "content": [block]}
    usage = {"inputTokens": 9, "outputTokens": 3, "totalTokens": 12}
    return {"output": {"message": message}, "stopReason": "tool_use", "usage": usage}


def check(answer: list[dict[str, Any]], event: list[Any]) -> None:
    assert [item["id"] for item in answer] == [item.get("id") for item in event]
    assert [type(item["id"]) for item in answer] == [type(item.get("id")) for item in event]
    for item in answer:
        values = [item["aggregate_reward_score"], *(metric["value"] for metric in item["metrics_list"])]
        assert all(type(value) is float and 0.0 <= value <= 1.0 for value in values), item
    json.dumps(answer, allow_nan=False).encode()


def test_the_parts_are_a_hundred_thousand_samples() -> None:
    assert sum(COUNTS.values()) == 100_000
    assert set(COUNTS) == {path.parent.name for path in USE_CASES.glob("*/reward.py")}


@pytest.mark.parametrize(("use_case", "part"), PARTS)
def test_no_damaged_sample_breaks_the_handler(
    make_handler: Callable[[str], Handler], use_case: str, part: int, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = make_handler(use_case)
    parts = sum(name == use_case for name, _ in PARTS)
    left = COUNTS[use_case] // parts + (COUNTS[use_case] % parts if part == 0 else 0)
    samples, rewarded = damaged(use_case, left, part), 0
    while event := [sample for _, sample in zip(range(BATCH), samples, strict=False)]:
        answer = handler(event, Context())
        check(answer, event)
        left -= len(event)
        rewarded += sum(item["aggregate_reward_score"] > 0 for item in answer)
        assert CANARY not in capsys.readouterr().out
    assert left == 0
    assert (
        rewarded > 0.02 * COUNTS[use_case] / parts
    )  # the damage leaves answers that reach the reward's depths


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(ODD_TEXTS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "messages", "role", "content", "text", "metadata", "reference_answer", "x"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=st.lists(JSON, max_size=6))
def test_no_json_breaks_the_handler(make_handler: Callable[[str], Handler], event: list[Any]) -> None:
    answer = make_handler("gsm8k")(event, Context())
    ids = [item.get("id") if isinstance(item, dict) else None for item in event]
    assert repr([item["id"] for item in answer]) == repr(ids)  # NaN is an id too, and equals nothing
    assert all(0.0 <= item["aggregate_reward_score"] <= 1.0 for item in answer)


BLOCKS = [
    "answered", "code_tests", "exact_match", "fuzzy_ratio", "json_extraction", "math_answer", "normalised_match",
    "not_repetitive", "own_words", "rouge_l", "sql_result", "step_check", "tagged", "token_f1", "tool_calls",
]  # fmt: skip
WITH_OPTIONS: dict[str, Callable[[Sample], Score]] = {
    "in_language": lambda sample: library.in_language(sample, "en"),
    "judged": lambda sample: library.judged(sample, library.SUMMARISATION),
    "label_answer": lambda sample: library.label_answer(sample, ["spam", "ham", "none"]),
    "labels_answer": lambda sample: library.labels_answer(sample, ["spam", "ham", "none"]),
    "matches": lambda sample: library.matches(sample, r"(a+)+#### \d+"),
    "relative_length": lambda sample: library.relative_length(sample),
    "token_budget": lambda sample: library.token_budget(sample, soft=50, hard=100),
}


def odd_samples() -> Iterator[Sample]:
    for use_case in COUNTS:
        for item in damaged(use_case, 60, 99):
            try:
                yield parse_sample(item)
            except BadSampleError:
                continue
    prompt = ({"role": "user", "content": "What?"},)
    for text in ODD_TEXTS:
        for reference in ("Text. #### 72", "spam", {"a": 1, "b": [1]}, {"tool_calls": []}, *ODD_VALUES[:6]):
            yield Sample("1", prompt, f"{CANARY} {text}", reference)


@pytest.mark.parametrize("name", [*BLOCKS, *WITH_OPTIONS])
def test_a_block_scores_or_raises_without_telling_what_was_said(
    name: str, make_handler: Callable[[str], Handler], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_handler("gsm8k")  # for the environment of judge and executor
    block = WITH_OPTIONS.get(name) or getattr(library, name)
    for sample in odd_samples():
        outcome = scored_or_raised(block, sample)
        assert CANARY not in outcome.told
        assert all(math.isfinite(value) and 0.0 <= value <= 1.0 for value in outcome.values)


@dataclass(frozen=True)
class Outcome:
    """What a block said of a sample in words, and its numbers; an error has none."""

    told: str
    values: tuple[float, ...] = ()


def scored_or_raised(block: Callable[[Sample], Score], sample: Sample) -> Outcome:
    try:
        score = block(sample)
    except (RecursionError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 a block may raise what it likes, but tell nothing
        return Outcome(str(error))
    return Outcome(str(score.reasons), (score.value, *score.components.values()))


def test_every_block_that_scores_samples_is_fuzzed() -> None:
    known = {*BLOCKS, *WITH_OPTIONS}
    others = {"preferred", "symbolic_answer"}  # two answers; a child process, tested by itself
    for name in library.BLOCKS:
        value = getattr(library, name)
        takes_sample = callable(value) and "Sample" in str(
            getattr(value, "__annotations__", {}).get("sample", "")
        )
        assert not takes_sample or isinstance(value, Rubric) or name in known | others, name
