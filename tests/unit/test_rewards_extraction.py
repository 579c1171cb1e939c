"""Labels: the only one named counts, and several are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import Sample, find_label, is_bare_label, label_answer

LABELS = ("billing", "technical", "technical urgent")


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
