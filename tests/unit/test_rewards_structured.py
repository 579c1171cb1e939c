"""Extraction: every right field pays, added and malformed ones cost, and form alone earns nothing."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import MissingReferenceError, Sample, Score, json_extraction
from rft.rewards import fields as f
from rft.rewards.schema import is_valid

REFERENCE = {"name": "Juno Foods", "total": 12.5, "items": [{"n": 1}, {"n": 2}], "paid": True, "due": None}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["total"],
    "properties": {"total": {"type": "number"}, "name": {}, "items": {}, "paid": {}, "due": {}},
}
FIELDS = {"total": f.number(relative=0.01), "name": f.fuzzy()}


def extract(response: str, reference: Any = REFERENCE, **options: Any) -> Score:
    return json_extraction(Sample("1", (), response, reference), **options)


def value(changed: Any, **options: Any) -> float:
    return extract(json.dumps(changed), **options).value


def test_the_reference_itself_earns_everything() -> None:
    score = extract(json.dumps(REFERENCE), schema=SCHEMA)
    assert score == Score(1.0, {"found": 1.0, "fields": 1.0, "valid": 1.0, "extra": 1.0})


@pytest.mark.parametrize(
    ("changed", "share"),
    [
        ({**REFERENCE, "total": 13.0}, 0.8), ({**REFERENCE, "items": [{"n": 2}, {"n": 1}]}, 1.0),
        ({**REFERENCE, "items": [{"n": 2}]}, 0.9), ({**REFERENCE, "paid": 1}, 0.8), ({**REFERENCE, "due": ""}, 0.8),
        ({name: REFERENCE[name] for name in REFERENCE if name != "due"}, 0.8), ({**REFERENCE, "note": "x"}, 0.45),
        ({**REFERENCE, "total": "12.5"}, 0.4), (dict.fromkeys(REFERENCE), 0.1), ({}, 0.0),
    ],
)  # fmt: skip
def test_every_fault_has_its_price(changed: dict[str, Any], share: float) -> None:
    assert value(changed, schema=SCHEMA) == pytest.approx(share)


@pytest.mark.parametrize(
    "response",
    ["", "I cannot help", "[1]", '{"total": 12.5} or {"total": 13}', '{"total": 12.5, "total": 12.5}'],
)
def test_an_answer_without_one_object_earns_nothing_and_shows_it(response: str) -> None:
    score = extract(response, schema=SCHEMA, groups={"money": ["total"]})
    assert score.value == 0.0
    assert set(score.components) == {"found", "fields", "valid", "extra", "money"}
    assert not any(score.components.values())
    assert score.reasons == ("no single JSON value",)


def test_comparators_weights_and_groups_are_declared_by_field() -> None:
    near = {**REFERENCE, "total": 12.6, "name": "Juno Food"}
    groups = {"money": ["total"], "words": ["name", "due"], "absent": ["other"]}
    score = extract(json.dumps(near), fields=FIELDS, weights={"name": 2, "paid": 0}, groups=groups)
    assert score.value == pytest.approx((1 + 2 * 18 / 19 + 1 + 1) / 5)
    assert score.components["money"] == 1.0
    assert score.components["words"] == pytest.approx((18 / 19 + 1) / 2)
    assert "absent" not in score.components
    assert value(near) == pytest.approx(0.6)


def test_penalties_are_declared_and_never_make_a_score_negative() -> None:
    many = {**REFERENCE, **{str(n): n for n in range(20)}}
    assert value(many) == 0.0
    assert value(many, extra_penalty=0.0) == 1.0
    assert value(many, schema=SCHEMA, extra_penalty=0.0, invalid_factor=0.2) == pytest.approx(0.2)


def test_the_last_object_counts_when_asked_for() -> None:
    response = f'Draft {{"total": 1}}, final {json.dumps(REFERENCE)}'
    assert extract(response).value == 0.0
    assert extract(response, which="last").value == 1.0


@pytest.mark.parametrize(
    "reference", ['[{"n": 1, "t": "a"}, {"n": 2, "t": "b"}]', [{"n": 1, "t": "a"}, {"n": 2, "t": "b"}]]
)
def test_a_list_at_the_top_is_matched_item_by_item(reference: Any) -> None:
    assert extract('[{"n": 2, "t": "B"}, {"n": 1, "t": "a"}]', reference).value == 1.0
    assert extract('[{"n": 2, "t": "b"}]', reference).value == 0.5
    assert extract('[{"n": 2, "t": "x"}, {"n": 1, "t": "x"}]', reference, weights={"t": 0}).value == 1.0
    assert extract('{"n": 2, "t": "b"}', reference).value == 0.0


def test_a_reference_may_be_text_that_holds_its_object() -> None:
    assert extract('{"a": 1}', 'The result:\n{"a": 1}').value == 1.0


@pytest.mark.parametrize("reference", [None, "text", "{}", {}, [], 5, True, '{"a": 1} {"a": 2}'])
def test_a_reference_without_fields_is_an_error(reference: Any) -> None:
    with pytest.raises(MissingReferenceError):
        extract("{}", reference)


def test_a_field_of_the_reference_that_its_comparator_cannot_read_is_an_error() -> None:
    with pytest.raises(MissingReferenceError):
        extract('{"a": "2025-01-01"}', {"a": "soon"}, fields={"a": f.date()})


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"weights": {"a": -1}}, "weights"), ({"groups": {"valid": ["a"]}}, "component"),
        ({"extra_penalty": 2}, "in \\[0, 1\\]"), ({"invalid_factor": -1}, "in \\[0, 1\\]"),
        ({"schema": {"type": "nonsense"}}, "malformed at \\$.type"),
    ],
)  # fmt: skip
def test_options_without_sense_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        extract(json.dumps(REFERENCE), **options)


def test_a_schema_is_that_of_draft_2020_12() -> None:
    schema = {"type": "array", "prefixItems": [{"type": "integer"}], "items": False}
    assert is_valid([1], schema)
    assert not is_valid(["1"], schema)  # fastjsonschema 2.22.3 lets this pass
    assert not is_valid([1, 2], schema)
    assert not is_valid(True, {"type": "integer"})


NAMES = st.sampled_from([*REFERENCE, "x", "y"])
LEAVES = st.none() | st.booleans() | st.integers(-20, 20) | st.floats(allow_nan=False) | st.text(max_size=5)
OBJECTS = st.dictionaries(
    NAMES, LEAVES | st.lists(LEAVES | st.dictionaries(st.just("n"), LEAVES), max_size=4)
)


@given(OBJECTS)
def test_no_answer_leaves_zero_and_one(changed: dict[str, Any]) -> None:
    score = extract(json.dumps(changed).replace("Infinity", "1"), schema=SCHEMA, fields=FIELDS)
    assert 0.0 <= score.value <= 1.0
    assert all(0.0 <= part <= 1.0 for part in score.components.values())


@given(st.text() | st.text('{}[]",:0123 NaN\\'))
def test_no_text_makes_extraction_raise(response: str) -> None:
    assert 0.0 <= extract(response, schema=SCHEMA).value <= 1.0


@given(OBJECTS, st.text(min_size=1, max_size=3).filter(lambda name: name not in REFERENCE), LEAVES)
def test_a_wrong_field_more_never_raises_the_score(changed: dict[str, Any], name: str, leaf: Any) -> None:
    clean = json.loads(json.dumps(changed).replace("Infinity", "1"))
    added = json.loads(json.dumps({name: leaf}).replace("Infinity", "1"))
    for schema in (SCHEMA, None):
        assert value({**clean, **added}, schema=schema) <= value(clean, schema=schema) + 1e-12


def test_a_megabyte_of_braces_ends_soon() -> None:
    began = time.process_time()
    for text in ("{" * 1_000_000, '{"a":' * 200_000, "{} " * 300_000, '{"a": 1' * 100_000):
        assert extract(text).value == 0.0
    assert time.process_time() - began < 4
