"""JSON in a response: found wherever it stands, refused where a program would choke, one answer only."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import find_json, find_object, is_bare_json
from rft.rewards.json_text import MAX_CHARACTERS, MAX_DEPTH, find_all, read_json

ONE = '{"a": 1}'
TWO = '{"a": {"b": [2]}}'
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "text",
    [
        ONE, f"\n {ONE}\t", f"```json\n{ONE}\n```", f"```\n{ONE}\n```", f"Here: {ONE} Bye!", f"Smile {{{{x}}}} {ONE}",
        f"{ONE} and again {ONE}", f'Form {{"a": ...}}: {ONE}', f"Use \\frac{{1}}{{2}}. {ONE}", f"{{x: 1}} {ONE}",
        '{"a":1}', '{\r\n"a" : 1\n}', f"[{ONE}]",
    ],
)  # fmt: skip
def test_an_object_is_found_in_prose_and_fences(text: str) -> None:
    assert find_object(text) == {"a": 1}


@pytest.mark.parametrize(
    "text",
    [
        "", "none", "[1]", '{"a": 1', '{"a": {"b": 1}, "c',
        '{"a": {"b": 1}, "c": {"d": 2}, "e', '[{"a": 1}, {"a": 2}]', f"{ONE} {TWO}",
        '{"a": 1} {"a": 1.0}', '{"a": 1} {"a": true}', '{"a": 1,}', "{'a': 1}",
    ],
)  # fmt: skip
def test_no_several_or_broken_objects_are_no_answer(text: str) -> None:
    assert find_object(text) is None


@pytest.mark.parametrize(
    "bad",
    [
        '{"a": NaN}', '{"a": Infinity}', '{"a": -Infinity}', '{"a": 1e999}', '{"a": -1e999}', '{"a": 1, "a": 1}',
        '{"a": [{"b": 1, "b": 2}]}', '{"a": ' + "9" * 301 + "}", '{"a": 0.' + "9" * 301 + "}",
        '{"a":' * 70 + "1" + "}" * 70, '{"a":' * 30_000, '{"a": ' + "[" * 100_000,
    ],
    ids=lambda text: text[:24],
)  # fmt: skip
def test_what_python_takes_and_json_is_not_spoils_the_whole_answer(bad: str) -> None:
    for text in (bad, f"{ONE} {bad}", f"{bad} {ONE}"):
        assert find_object(text) is None
    assert not is_bare_json(bad)


def test_the_last_object_counts_when_asked_for() -> None:
    assert find_object(f"Draft: {ONE}. Final: {TWO}", which="last") == {"a": {"b": [2]}}
    assert find_object("none", which="last") is None


def test_arrays_are_values_only_when_asked_for() -> None:
    assert find_json(f"Here: [{ONE}, {TWO}]", arrays=True) == [{"a": 1}, {"a": {"b": [2]}}]
    assert find_json("[]", arrays=True) == []
    assert find_json('As [1] says, [{"a": 1}]', arrays=True) is None
    assert is_bare_json("[]", arrays=True)
    assert not is_bare_json("[]")


def test_nesting_is_allowed_down_to_its_limit() -> None:
    assert find_object('{"a":' * MAX_DEPTH + "1" + "}" * MAX_DEPTH) is not None
    assert find_object('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1)) is None


def test_a_text_too_long_is_no_answer() -> None:
    assert find_object(ONE + " " * MAX_CHARACTERS) is None
    with pytest.raises(ValueError, match="characters"):
        read_json(" " * MAX_CHARACTERS + "1")


@pytest.mark.parametrize("text", [' {"a": 1}\n', "{}"])
def test_the_object_alone_is_bare_json(text: str) -> None:
    assert is_bare_json(text)


@pytest.mark.parametrize("text", ["", "[]", "1", "null", '```{"a": 1}```', '{"a": 1} x', '{"a": 1}{"a": 1}'])
def test_anything_else_is_not_bare_json(text: str) -> None:
    assert not is_bare_json(text)


@given(JSON)
def test_every_json_object_and_array_is_found_again(value: Any) -> None:
    text = f"Here it is:\n```json\n{json.dumps(value)}\n```"
    if isinstance(value, dict | list):
        assert find_json(text, arrays=True) == value
    assert read_json(json.dumps(value)) == value


@given(st.text() | st.text('{}[]",:0123 NaN\\e-.'))
def test_no_text_makes_the_search_raise(text: str) -> None:
    for arrays in (True, False):
        find_all(text, arrays=arrays)
        is_bare_json(text, arrays=arrays)


@pytest.mark.parametrize(
    "piece",
    ["{", '{"a":', "{} ", '{"a": 1', '{" ', '{"a": [', '{"a": 1} ', "[", "[1] ", '"{', "{ " * 9, '{"a":"\\u'],
)
def test_a_hostile_text_ends_soon(piece: str) -> None:
    began = time.process_time()
    for length in (MAX_CHARACTERS, 1_000_000):
        find_all(piece * (length // len(piece)), arrays=True)
    assert time.process_time() - began < 3.0
