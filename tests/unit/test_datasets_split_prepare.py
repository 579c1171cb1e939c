"""Splits depend on content alone; prepared copies carry the marker that the reward function reads."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.datasets.chunks import BytesSource
from rft.datasets.prepare import prepare, probe_sample
from rft.datasets.records import Marker, parse_record, prompt_hash, read_marker
from rft.datasets.split import assign_split, split_lines
from rft.rewards.contract import parse_sample


def line(text: str, **extra: Any) -> bytes:
    record = {"messages": [{"role": "user", "content": text}], "reference_answer": "4", **extra}
    return json.dumps(record).encode() + b"\n"


LINES = [line(f"question {number}") for number in range(2000)]


def splits(lines: list[bytes]) -> dict[bytes, str]:
    source = BytesSource(b"".join(lines))
    return {content: split for split, content in split_lines(source, validation=0.1, test=0.2)}


def test_shares_are_kept_on_average() -> None:
    found = list(splits(LINES).values())
    assert 0.08 < found.count("validation") / 2000 < 0.12
    assert 0.17 < found.count("test") / 2000 < 0.23


def test_adding_and_reordering_records_moves_no_record() -> None:
    before = splits(LINES[:1000])
    after = splits(LINES[::-1])
    assert all(after[content] == split for content, split in before.items())


def test_the_same_prompt_always_lands_in_the_same_split() -> None:
    twins = [line("same", reference_answer=str(number)) for number in range(20)]
    assert (
        len({split for split, _ in split_lines(BytesSource(b"".join(twins)), validation=0.3, test=0.3)}) == 1
    )


@given(st.text(), st.floats(0, 0.4), st.floats(0, 0.4))
def test_growing_the_validation_share_moves_nothing_out_of_the_test_set(
    prompt: str, test: float, more: float
) -> None:
    before = assign_split(prompt, validation=0.0, test=test)
    after = assign_split(prompt, validation=more, test=test)
    assert (before == "test") == (after == "test")


def test_no_shares_keep_everything_in_train() -> None:
    assert {split for split, _ in split_lines(BytesSource(b"".join(LINES)), validation=0, test=0)} == {
        "train"
    }


def test_a_prompt_hash_is_blind_to_how_content_is_wrapped() -> None:
    plain = [{"role": "user", "content": "Hi"}]
    blocks = [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]
    assert prompt_hash(plain) == prompt_hash(blocks)
    assert prompt_hash(plain) != prompt_hash([{"role": "system", "content": "Hi"}])
    assert len(prompt_hash(plain)) == 16


def test_a_prepared_record_keeps_everything_and_gains_its_marker() -> None:
    (made,) = prepare([line("é", domain="x"), b"\n"], run="r1", split="train", slice_key="domain")
    record = parse_record(made)
    assert record.marker == Marker("r1", "train", record.prompt_hash, "x")
    assert (record.reference, dict(record.extra)) == ("4", {"domain": "x"})
    assert made.endswith(b"\n")
    assert made.count(b"\n") == 1


@pytest.mark.parametrize(("extra", "part"), [({}, "other"), ({"level": 3}, "3"), ({"level": ["x"]}, "other")])
def test_a_record_without_its_slice_key_gets_the_default(extra: dict[str, Any], part: str) -> None:
    (made,) = prepare([line("q", **extra)], run="r", split="test", slice_key="level", default_slice="other")
    marker = parse_record(made).marker
    assert marker is not None
    assert marker.slice == part


def test_the_marker_reaches_the_reward_function() -> None:
    (made,) = prepare([line("q")], run="r1", split="train")
    record = json.loads(made)
    wire = {
        "id": "1",
        "messages": [*record["messages"], {"role": "assistant", "content": "4"}],
        "metadata": {key: value for key, value in record.items() if key != "messages"},
    }
    marker = read_marker(parse_sample(wire).extra)
    assert marker is not None
    assert (marker.run, marker.split) == ("r1", "train")


@pytest.mark.parametrize("extra", [{}, {"rft": None}, {"rft": "x"}, {"rft": {"run": 1}}])
def test_a_missing_or_foreign_marker_is_no_marker(extra: dict[str, Any]) -> None:
    assert read_marker(extra) is None


def test_the_probe_is_stable_spread_and_marked() -> None:
    prepared = list(prepare(LINES, run="r", split="train"))
    probe = probe_sample(prepared, 32)
    again = probe_sample(prepared[::-1], 32)
    assert sorted(probe) == sorted(again)
    markers = [parse_record(made).marker for made in probe]
    assert all(marker is not None and marker.split == "probe" for marker in markers)
    positions = [int(json.loads(made)["messages"][0]["content"].split()[1]) for made in probe]
    assert min(positions) < 500
    assert max(positions) > 1500


@pytest.mark.parametrize("count", [4, 10, 31])
def test_the_probe_takes_of_each_slice_its_share(count: int) -> None:
    lines = [
        json.dumps({"messages": [{"role": "user", "content": f"Question {n}?"}], "level": level}).encode()
        for n, level in enumerate(["easy"] * 120 + ["hard"] * 60 + ["rare"] * 20)
    ]
    prepared = list(prepare(lines, run="r", split="train", slice_key="level"))
    chosen = Counter(json.loads(line)["level"] for line in probe_sample(prepared, count))
    assert chosen.total() == count
    for level, share in (("easy", 0.6), ("hard", 0.3), ("rare", 0.1)):
        assert abs(chosen[level] - share * count) < 1


def test_a_small_dataset_is_its_own_probe() -> None:
    assert len(probe_sample(prepare(LINES[:3], run="r", split="train"), 32)) == 3
    assert probe_sample([], 32) == []


@pytest.mark.parametrize("bad", [b"[]", b'{"messages": []}', b"{}", b"x"])
def test_a_line_that_is_no_record_is_refused(bad: bytes) -> None:
    with pytest.raises(ValueError, match=r"record|Expecting"):
        parse_record(bad)
