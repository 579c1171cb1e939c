"""Answers count as the same by their text and calls alone."""

import json
import subprocess
import sys
from typing import Any

from rft.monitoring.diversity import answer_hash
from rft.rewards.contract import parse_sample


def hashed(content: Any, **more: Any) -> int:
    messages = [{"role": "user", "content": "q"}, {"role": "assistant", "content": content, **more}]
    return answer_hash(parse_sample({"id": "1", "messages": messages}))


def called(identity: str, place: str, name: str = "weather") -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps({"id": place})}
    return {"content": None, "tool_calls": [{"id": identity, "type": "function", "function": function}]}


def used(identity: str, place: str) -> list[dict[str, Any]]:
    return [{"toolUse": {"toolUseId": identity, "name": "weather", "input": {"id": place}}}]


def test_case_and_white_space_do_not_count_and_words_do() -> None:
    assert hashed("The answer:\n\n  STRASSE ") == hashed("the answer: straße")
    assert hashed("#### 18") != hashed("#### 19")
    assert hashed("a b") != hashed("ab")


def test_blocks_of_text_are_text_and_reasoning_does_not_count() -> None:
    assert hashed([{"text": "18"}]) == hashed("18")
    assert hashed("<think>one way</think>18") == hashed("<think>another</think>18")


def test_calls_count_and_their_random_ids_do_not() -> None:
    assert hashed(**called("a", "Oslo")) == hashed(**called("b", "Oslo"))
    assert hashed(**called("a", "Oslo")) != hashed(**called("a", "Rome"))
    assert hashed(**called("a", "Oslo")) != hashed(**called("a", "Oslo", name="tides"))
    assert hashed(used("a", "Oslo")) == hashed(used("b", "Oslo"))
    assert hashed(used("a", "Oslo")) != hashed(used("a", "Rome"))
    assert hashed(**called("a", "Oslo")) != hashed("")


def test_odd_calls_have_a_hash_too() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    odd: list[Any] = [5, "x", [1], [{}], [{"function": 3}], [{"function": {"name": None}}], [{"name": deep}]]
    assert all(isinstance(hashed("", tool_calls=calls), int) for calls in odd)


def test_a_hash_says_nothing_outside_its_process() -> None:
    program = (
        "from rft.monitoring.diversity import answer_hash\n"
        "from rft.rewards.contract import Sample\n"
        "print(answer_hash(Sample('1', (), 'yes')))"
    )
    told = {
        subprocess.check_output([sys.executable, "-c", program], env={"PYTHONPATH": "."}) for _ in range(3)
    }
    assert len(told) == 3
