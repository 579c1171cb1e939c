"""Sets of labels: what is right, what is missing, what is too much."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import MissingReferenceError, Sample, Score, labels_answer

LABELS = ("spam", "insult", "personal data", "advert")


def scored(response: str, reference: Any, **options: Any) -> Score:
    return labels_answer(Sample("1", (), response, reference), LABELS, **options)


@pytest.mark.parametrize(
    "response",
    ["spam, advert", "advert\nspam", '["spam", "advert"]', '{"labels": ["advert", "spam", "spam"]}',
     "Labels: Spam and Advert.", "It breaks two rules.\ncategories: spam; advert"],
)  # fmt: skip
def test_a_set_is_read_in_every_usual_form(response: str) -> None:
    assert scored(response, ["spam", "advert"]).value == 1.0


@pytest.mark.parametrize(
    ("response", "f1", "jaccard", "exact"),
    [
        ("spam", 2 / 3, 1 / 2, 0), ("spam, insult", 1 / 2, 1 / 3, 0), ("insult", 0, 0, 0), ("", 0, 0, 0),
        ("spam, advert, insult, personal data", 2 / 3, 1 / 2, 0), ("spam, advert, nonsense", 4 / 5, 2 / 3, 0),
        ("labels: spam\nlabels: advert", 0, 0, 0), ("none", 0, 0, 0), ("[1, 2]", 0, 0, 0), ("{}", 0, 0, 0),
    ],
)  # fmt: skip
def test_a_set_in_part_right_earns_its_measure(
    response: str, f1: float, jaccard: float, exact: float
) -> None:
    reference = "spam, advert"
    assert scored(response, reference).value == pytest.approx(f1)
    assert scored(response, reference, measure="jaccard").value == pytest.approx(jaccard)
    assert scored(response, reference, measure="exact").value == exact


def test_the_word_for_no_label_stands_alone() -> None:
    assert scored("none", [], empty=None).value == 0
    assert scored("none", "none", empty="none").value == 1
    assert scored("labels: none", {"labels": "none"}, empty="none").value == 1
    assert scored("none, spam", "spam", empty="none").value == 0
    assert scored("spam", "none", empty="none").value == 0
    assert scored("", "none", empty="none").value == 0


@pytest.mark.parametrize("reference", [None, "", "something", ["spam", "x"], 3, {"x": 1}, [1]])
def test_a_reference_that_is_no_set_of_labels_is_an_error(reference: Any) -> None:
    with pytest.raises(MissingReferenceError, match="reference_answer"):
        scored("spam", reference)


@given(st.text(), st.sets(st.sampled_from(LABELS), min_size=1), st.sampled_from(["f1", "jaccard", "exact"]))
def test_no_text_makes_it_raise_or_leave_the_range(text: str, reference: set[str], measure: str) -> None:
    assert 0 <= scored(text, sorted(reference), measure=measure).value <= 1


@given(st.sets(st.sampled_from(LABELS), min_size=1), st.sets(st.sampled_from(LABELS), min_size=1))
def test_only_the_same_set_earns_everything(given_: set[str], expected: set[str]) -> None:
    assert (scored(", ".join(given_), sorted(expected)).value == 1) is (given_ == expected)
