"""Chunks lose no line and read none twice; the fast way finds what the slow way finds."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rft.datasets import chunks as chunking
from rft.datasets import scan as scanning
from rft.datasets.chunks import BytesSource, Chunk, blocks, chunks
from rft.datasets.fast import clean_records
from rft.datasets.lines import decode
from rft.datasets.plain import all_plain
from rft.datasets.rules import Rules
from rft.datasets.shape import record_faults

RULES = Rules(min_training_records=0, max_records=9999, max_prompt_tokens=50, quality=False)
TEXTS = ["", " ", "How many?", 'a "b": c', "x\\", "é", "<image>", "{", "}\n{", "a : b", '" :']
NUMBERS = [0, -1, 2**63, 2**64, 1.5, 1e308]


def json_value() -> Any:
    scalars = st.sampled_from(TEXTS) | st.sampled_from(NUMBERS) | st.none() | st.booleans()
    keys = st.sampled_from(["role", "content", "messages", "rft", "id", "tools", "a", "\\", '"', ""])
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
    )


def records() -> Any:
    roles = st.sampled_from(["user", "user", "assistant", "system", "tool", "bot"])
    message = st.fixed_dictionaries({"role": roles, "content": st.sampled_from(TEXTS) | json_value()})
    sound = st.just({"messages": [{"role": "user", "content": "How many?"}], "reference_answer": "4"})
    shaped = st.fixed_dictionaries(
        {
            "messages": st.lists(message, max_size=3),
            "reference_answer": st.sampled_from(TEXTS) | json_value(),
        },
        optional={"id": json_value(), "rft": json_value(), "tools": json_value(), "x": json_value()},
    )
    return sound | shaped | st.dictionaries(st.sampled_from(["messages", "a"]), json_value(), max_size=2)


def spelled(value: Any, ascii_only: bool, tight: bool, twice: bool) -> bytes:
    separators = (",", ":") if tight else (" ,\t", " : ")
    text = json.dumps(value, ensure_ascii=ascii_only, separators=separators)
    return (text.replace("{", '{"a":1,', 1) if twice and len(text) > 2 else text).encode()


def lines() -> Any:
    raw = st.sampled_from(
        [b"", b" ", b"{}", b"{}{}", b'{"a":\r1}', b'{"a":NaN}', b"[]", b'{"a" :1,"b":1,"b":1}']
    )
    odd = st.sampled_from([b'{"a\\\\":1,"a\\\\":1}', b'{"a":"\\ud800"}', b'{"a":"\xff"}', b'{"a"\t:1,"a":1}'])
    return (
        st.builds(spelled, records(), st.booleans(), st.booleans(), st.booleans())
        | raw
        | odd
        | st.binary(max_size=20)
    )


@settings(max_examples=600, deadline=None)
@given(st.lists(lines(), min_size=1, max_size=5))
def test_a_block_that_passes_at_once_passes_line_by_line(given_lines: list[bytes]) -> None:
    block = b"\n".join(given_lines) + b"\n"
    found = clean_records(block)
    if found is None:
        return
    assert found == [decode(line, first=True) for line in io.BytesIO(block)]
    if all_plain(found, reference_required=True):
        assert not [fault for record in found for fault in record_faults(record, reference_required=True)]


def test_ordinary_blocks_do_pass_at_once() -> None:
    value = {
        "messages": [{"role": "user", "content": 'Say "a": b : c \u2014'}],
        "reference_answer": {"a": [1]},
    }
    for ascii_only in (True, False):
        block = (json.dumps(value, ensure_ascii=ascii_only) + "\n").encode() * 3
        assert clean_records(block) == [value] * 3
    assert all_plain([value] * 3, reference_required=True)


@settings(max_examples=200, deadline=None)
@given(st.lists(lines(), max_size=8), st.booleans(), st.integers(1, 60), st.integers(1, 40))
def test_every_line_is_in_exactly_one_chunk(
    given_lines: list[bytes], ends: bool, most: int, block_bytes: int
) -> None:
    data = b"\n".join(given_lines) + b"\n" * ends
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunking, "BLOCK_BYTES", block_bytes)
        found = [block for chunk in chunks(len(data), most) for block in blocks(BytesSource(data), chunk)]
    assert b"".join(found) == data
    assert all(block.endswith(b"\n") for block in found[:-1])


def test_a_line_above_the_limit_is_cut_and_its_neighbours_are_whole() -> None:
    data = b"short\n" + b"x" * 5000 + b"\nlast"
    for most in (4, 7, 100, 6000):
        pieces = [b for chunk in chunks(len(data), most) for b in blocks(BytesSource(data), chunk, 100)]
        read = [line for piece in pieces for line in io.BytesIO(piece)]
        assert read[0] == b"short\n"
        assert read[-1] == b"last"
        assert len(read) == 3
        assert len(read[1]) > 100


@settings(max_examples=150, deadline=None)
@given(st.lists(lines(), max_size=8), st.integers(1, 60))
def test_findings_do_not_depend_on_how_a_file_is_cut(given_lines: list[bytes], most: int) -> None:
    source = BytesSource(b"\n".join(given_lines))
    whole = scanning.scan(source, Chunk(0, source.size), "train", RULES, ())
    before, found, records_seen = 0, [], 0
    for chunk in chunks(source.size, most):
        part = scanning.Part.decode(scanning.scan(source, chunk, "train", RULES, ()).encode())
        found += [(before + item.line, item.fault) for item in part.found]
        before += part.lines
        records_seen += part.records
    assert (before, records_seen) == (whole.lines, whole.records)
    assert found == [(item.line, item.fault) for item in whole.found]
