"""Extraction and labels: fields and form are told apart, and several answers are none."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import (
    MissingReferenceError,
    Sample,
    find_label,
    find_object,
    is_bare_json,
    is_bare_label,
    json_extraction,
    label_answer,
)
from rft.rewards.extraction import similarity

REFERENCE = {"name": "Juno Foods", "total": 12.5, "items": [{"n": 1}, {"n": 2}], "paid": True, "due": None}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["total"],
    "properties": {"total": {"type": "number"}, "name": {}, "items": {}, "paid": {}, "due": {}},
}
LABELS = ("billing", "technical", "technical urgent")


def score(response: str) -> float:
    return json_extraction(Sample("1", (), response, REFERENCE), SCHEMA).value


@pytest.mark.parametrize("text", ["{}", "```json\n{}\n```", "Here: {} Bye {{smile}}", "{{x}} then {}"])
def test_an_object_is_found_in_prose_and_fences(text: str) -> None:
    assert find_object(text.replace("{}", json.dumps(REFERENCE), 1)) == REFERENCE


@pytest.mark.parametrize(
    "text", ["", "[1]", '{"a": 1', '{"a": NaN}', '{"a": 1, "a": 2}', '{"a": 1} {"a": 2}', "{" * 9999]
)
def test_no_or_several_objects_are_no_answer(text: str) -> None:
    assert find_object(text) is None


def test_the_same_object_twice_is_one_answer() -> None:
    assert find_object('{"a": 1} and again {"a": 1}') == {"a": 1}


def test_scores_fall_from_ideal_over_partial_to_nothing() -> None:
    ideal = score(json.dumps(REFERENCE))
    near = score(json.dumps({**REFERENCE, "total": 13.0}))
    extra = score(json.dumps({**REFERENCE, "note": "x"}))
    broken = score(json.dumps({**REFERENCE, "total": "12.5"}))
    assert ideal == 1.0
    assert near == pytest.approx(0.8)
    assert extra == pytest.approx(0.45)
    assert broken == pytest.approx(0.4)
    assert score("I cannot help") == 0.0


def test_values_are_compared_by_type() -> None:
    assert similarity(1, True) == 0.0
    assert similarity(1, 1.0) == 1.0
    assert similarity("Juno  FOODS", "juno foods") == 1.0
    assert similarity(None, "") == 0.0
    assert similarity([1, 2], [1]) == 0.5
    assert similarity({"a": 1}, {"a": 1, "b": 2}) == 0.5
    assert similarity({}, {}) == similarity([], []) == 1.0


def test_a_reference_that_is_no_object_is_an_error() -> None:
    references: tuple[object, ...] = (None, "text", {}, [])
    for reference in references:
        with pytest.raises(MissingReferenceError):
            json_extraction(Sample("1", (), "{}", reference))


def test_only_the_object_itself_is_bare_json() -> None:
    assert is_bare_json(' {"a": 1}\n')
    assert not any(map(is_bare_json, ["", "[]", '```{"a": 1}```', '{"a": NaN}', '{"a": 1} x']))


@given(st.text() | st.text('{}[]",:0123 NaN\\'))
def test_no_response_makes_extraction_raise_or_leave_zero_and_one(text: str) -> None:
    assert 0.0 <= score(text) <= 1.0


def test_a_megabyte_of_braces_takes_less_than_a_second() -> None:
    began = time.monotonic()
    for text in ("{" * 1_000_000, '{"a":' * 200_000, "{} " * 300_000, '{"a": 1' * 100_000):
        score(text)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("billing", "billing"), (" Billing.\n", "billing"), ("**billing**", "billing"),
        ("Category: billing", "billing"),
        ('{"label": "billing"}', "billing"), ("It goes to technical urgent.", "technical urgent"),
        ("I think billing fits.", "billing"), ("unbilling", None), ("", None), ("billing technical", None),
        ("label: billing\nlabel: technical", None), ("billing or technical", None), ("payments", None),
    ],
)  # fmt: skip
def test_a_label_is_found_when_it_is_the_only_one(text: str, label: str | None) -> None:
    assert find_label(text, LABELS) == label


def test_a_label_answer_compares_with_the_reference() -> None:
    assert label_answer(Sample("1", (), "Billing", "billing"), LABELS) == 1.0
    assert label_answer(Sample("1", (), "technical", "billing"), LABELS) == 0.0
    with pytest.raises(ValueError, match="not one of the labels"):
        label_answer(Sample("1", (), "x", "unknown"), LABELS)


def test_only_the_label_itself_is_bare() -> None:
    assert is_bare_label(" billing\n", LABELS)
    assert not any(is_bare_label(text, LABELS) for text in ("Billing", "billing.", "label: billing", ""))


@given(st.text())
def test_no_text_makes_label_finding_raise(text: str) -> None:
    assert find_label(text, LABELS) in (*LABELS, None)
