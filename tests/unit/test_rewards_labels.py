"""Labels: the only one named counts, several are none, and mistakes cost what they cost."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import MissingReferenceError, Sample, find_label, is_bare_label, label_answer

LABELS = ("billing", "technical", "technical urgent")
RULES = ("spam", "off_topic", "none")
COSTS = {("spam", "none"): 4.0, ("none", "spam"): 1.0, ("spam", "off_topic"): 2.0, ("none", "none"): 0.0}


def sample(response: str, reference: Any) -> Sample:
    return Sample("1", (), response, reference)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("billing", "billing"), (" Billing.\n", "billing"), ("**billing**", "billing"),
        ("Category: billing", "billing"),
        ('{"label": "billing"}', "billing"), ("It goes to technical urgent.", "technical urgent"),
        ("I think billing fits.", "billing"), ("unbilling", None), ("", None), ("billing technical", None),
        ("label: billing\nlabel: technical", None), ("billing or technical", None), ("payments", None),
        ('{"label": "billing", "label": "technical"}', None), ("label: billing, technical", None),
    ],
)  # fmt: skip
def test_a_label_is_found_when_it_is_the_only_one(text: str, label: str | None) -> None:
    assert find_label(text, LABELS) == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("not spam", None), ("This is not spam.", None), ("It isn't spam", None), ("label: not spam", None),
        ("This is not really a spam", None), ("never spam", None), ("neither spam nor off_topic", None),
        ("not spam but off_topic", "off_topic"), ("off_topic rather than spam", "off_topic"),
        ("This isn’t **spam**, it is off_topic.", "off_topic"), ("No, spam.", "spam"), ("not only spam", "spam"),
        ("It is not clear, however spam", "spam"), ("spam, not off_topic", "spam"), ("cannot be spam", None),
        ("label: spam\nreason: not off_topic at all", "spam"),
    ],
)  # fmt: skip
def test_a_label_ruled_out_by_a_plain_negation_is_not_named(text: str, label: str | None) -> None:
    assert find_label(text, RULES) == label


def test_a_label_that_is_itself_a_negation_is_read_as_it_stands() -> None:
    assert find_label("This is not spam.", ("spam", "not spam")) == "not spam"


def test_a_label_answer_compares_with_the_reference() -> None:
    assert label_answer(sample("Billing", "billing"), LABELS).value == 1.0
    assert label_answer(sample("technical", "billing"), LABELS).value == 0.0
    assert label_answer(sample("spam", "label: spam\nreason: a link"), RULES).value == 1.0
    assert label_answer(sample("", "billing"), LABELS).components == {"answered": 0.0, "correct": 0.0}


@pytest.mark.parametrize("reference", ["unknown", "", None, 3, True, {"deep": None}, ["x"], "spam or none"])
def test_a_reference_that_is_no_label_is_an_error(reference: Any) -> None:
    with pytest.raises(MissingReferenceError, match="reference_answer"):
        label_answer(sample("spam", reference), RULES)


@pytest.mark.parametrize(
    ("expected", "given", "value"),
    [
        ("spam", "spam", 1.0), ("spam", "none", 0.0), ("none", "spam", 0.75), ("spam", "off_topic", 0.5),
        ("none", "off_topic", 0.0), ("none", "none", 1.0), ("spam", "something", 0.0), ("none", "spam none", 0.0),
    ],
)  # fmt: skip
def test_a_mistake_takes_its_share_of_the_dearest_cost(expected: str, given: str, value: float) -> None:
    nested: dict[str, dict[str, float]] = {}
    for (one, other), cost in COSTS.items():
        nested.setdefault(one, {})[other] = cost
    assert label_answer(sample(given, expected), RULES, costs=COSTS).value == value
    assert label_answer(sample(given, expected), RULES, costs=nested).value == value


@pytest.mark.parametrize(
    "costs", [{}, {("spam", "none"): -1.0}, {("spam", "none"): float("nan")}, {("spam", "none"): 0.0},
              {("spam", "other"): 1.0}, {("spam", "none"): float("inf")}]
)  # fmt: skip
def test_costs_that_make_no_sense_are_refused(costs: dict[tuple[str, str], float]) -> None:
    with pytest.raises(ValueError, match="cost"):
        label_answer(sample("spam", "spam"), RULES, costs=costs)


@pytest.mark.parametrize(
    ("expected", "given", "value", "abstained"),
    [
        ("spam", "unsure", 0.3, 1.0), ("none", "unsure", 0.3, 1.0), ("unsure", "unsure", 1.0, 1.0),
        ("unsure", "spam", 0.0, 0.0), ("spam", "spam", 1.0, 0.0), ("spam", "unsure or spam", 0.0, 0.0),
    ],
)  # fmt: skip
def test_passing_is_worth_what_is_declared(expected: str, given: str, value: float, abstained: float) -> None:
    score = label_answer(sample(given, expected), RULES, abstain={"unsure": 0.3})
    assert (score.value, score.components["abstained"]) == (value, abstained)


@pytest.mark.parametrize("worth", [1.0, -0.1, float("nan"), float("inf")])
def test_passing_is_never_worth_as_much_as_the_right_label(worth: float) -> None:
    with pytest.raises(ValueError, match="abstention"):
        label_answer(sample("spam", "spam"), RULES, abstain={"unsure": worth})


def test_a_synonym_is_its_label() -> None:
    synonyms = {"spam": ["junk", "unsolicited mail"]}
    assert find_label("Junk.", RULES, synonyms=synonyms) == "spam"
    assert find_label("This is unsolicited mail.", RULES, synonyms=synonyms) == "spam"
    assert find_label("junk, that is spam", RULES, synonyms=synonyms) == "spam"
    assert find_label("junk or none", RULES, synonyms=synonyms) is None
    assert label_answer(sample("junk", "spam"), RULES, synonyms=synonyms).value == 1.0


@pytest.mark.parametrize("synonyms", [{"other": ["x"]}, {"spam": ["none"]}, {"spam": ["x"], "none": ["X"]}])
def test_a_synonym_of_no_label_or_of_two_is_refused(synonyms: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="synonym"):
        find_label("x", RULES, synonyms=synonyms)


def test_only_the_label_itself_is_bare() -> None:
    assert is_bare_label(" billing\n", LABELS)
    assert not any(is_bare_label(text, LABELS) for text in ("Billing", "billing.", "label: billing", ""))


@pytest.mark.parametrize(
    "piece",
    ["label: ", "label\n", "not ", "not a ", "spam not ", "{", "n't ", "\" '*_` ", "label" + " " * 99],
)
def test_a_long_hostile_answer_is_read_in_little_time(piece: str) -> None:
    began = time.process_time()
    find_label((piece * 1_000_000)[:1_000_000], RULES)
    assert time.process_time() - began < 6


@given(st.text())
def test_no_text_makes_label_finding_raise(text: str) -> None:
    assert find_label(text, LABELS) in (*LABELS, None)


@given(
    st.permutations(RULES),
    st.sampled_from([" ", ", ", "\n", " or ", " and ", "/", "\nlabel: "]),
    st.sampled_from(RULES),
)
def test_every_label_at_once_earns_nothing(order: list[str], between: str, expected: str) -> None:
    assert label_answer(sample(between.join(order), expected), RULES, costs=COSTS).value == 0.0


@given(st.text(max_size=40), st.sampled_from(RULES))
def test_a_score_lies_between_0_and_1(text: str, expected: str) -> None:
    assert 0 <= label_answer(sample(text, expected), RULES, costs=COSTS, abstain={"pass": 0.2}).value <= 1
