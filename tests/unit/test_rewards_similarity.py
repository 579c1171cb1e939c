"""Similarity: the published definitions, style that does not count, and hostile text in bounded time."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rft.rewards import (
    MissingReferenceError,
    Sample,
    Score,
    exact_match,
    fuzzy_ratio,
    normalised_match,
    rouge_l,
    token_f1,
)
from rft.rewards.words import normalised, words

Block = Callable[..., Score]
BLOCKS: list[Block] = [exact_match, normalised_match, token_f1, rouge_l, fuzzy_ratio]
GRADED: list[Block] = [token_f1, rouge_l, fuzzy_ratio]
TEXTS = st.text() | st.lists(st.sampled_from(["the", "cat", "sat", "Mat.", "a", "—", "é", "３"])).map(
    " ".join
)


def sample(response: str, reference: Any = "The cat sat on the mat.") -> Sample:
    return Sample("1", (), response, reference)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    "reference", ["The cat sat on the mat.", {"text": "x y"}, {"ideal_response": "x"}, {"a": 1}]
)
def test_the_reference_itself_earns_everything(block: Block, reference: Any) -> None:
    from rft.rewards import reference_response

    assert block(sample(reference_response(reference), reference)).value == 1.0


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("reference", [None, "", " \n", "\u200b", {"ideal_response": " "}])
def test_nothing_to_compare_with_is_an_error_and_not_a_match_of_nothing(block: Block, reference: Any) -> None:
    with pytest.raises(MissingReferenceError):
        block(sample("", reference))


@pytest.mark.parametrize("block", [normalised_match, *GRADED])
def test_a_reference_without_a_word_is_an_error(block: Block) -> None:
    with pytest.raises(MissingReferenceError, match="no word"):
        block(sample("!", "..."))


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("response", ["", " \n\t", "!!!", "ЖЖЖ", "\u200b"])
def test_an_answer_without_a_common_word_earns_nothing(block: Block, response: str) -> None:
    assert block(sample(response, "cat")).value == 0.0


@pytest.mark.parametrize(
    ("response", "exact", "same", "without_articles"),
    [
        (" The cat sat on the mat.\n", 1, 1, 1),
        ("the cat sat on the mat", 0, 1, 1),
        ("The cat   sat\non the mat!", 0, 1, 1),
        ("cat sat on a mat", 0, 0, 1),
        ("Ｔｈｅ cat sat on the mat", 0, 1, 1),
        ("The cat sat on the ma\u200bt", 0, 1, 1),
        ("The cat sat on the mat mat", 0, 0, 0),
        ("Тhe cat sat on the mat", 0, 0, 0),
    ],
)
def test_style_counts_only_where_it_is_meant_to(
    response: str, exact: int, same: int, without_articles: int
) -> None:
    assert exact_match(sample(response)).value == exact
    assert normalised_match(sample(response)).value == same
    assert normalised_match(sample(response), articles=False).value == without_articles


def test_composed_and_decomposed_letters_are_the_same() -> None:
    assert exact_match(sample("cafe\u0301", "café")).value == 1.0


@pytest.mark.parametrize(
    ("response", "reference", "precision", "recall"),
    [
        ("the cat", "the cat sat on the mat", 1, 2 / 6),
        ("the the the", "the cat", 1 / 3, 1 / 2),  # a word counts as often as it occurs in both
        ("mat the on sat cat the", "the cat sat on the mat", 1, 1),  # order does not count
        ("dog", "cat", 0, 0),
    ],
)
def test_token_f1_is_that_of_squad(response: str, reference: str, precision: float, recall: float) -> None:
    score = token_f1(sample(response, reference))
    mean = 2 * precision * recall / (precision + recall) if precision else 0.0
    assert score.components == pytest.approx({"precision": precision, "recall": recall, "f1": mean})
    assert score.value == pytest.approx(mean)


@pytest.mark.parametrize(
    ("response", "value"),
    [
        ("police kill the gunman", 3 / 4),
        ("the gunman kill police", 2 / 4),
        ("the gunman police killed", 2 / 4),
    ],
)
def test_rouge_l_gives_the_values_of_its_paper(response: str, value: float) -> None:
    assert rouge_l(sample(response, "police killed the gunman")).value == pytest.approx(value)


def test_fuzzy_ratio_forgives_a_typing_error() -> None:
    assert fuzzy_ratio(sample("recieve", "receive")).value == pytest.approx(12 / 14)
    assert fuzzy_ratio(sample("人人生而自由", "人人生来自由")).value == pytest.approx(10 / 12)


@pytest.mark.parametrize("block", GRADED)
def test_threshold_and_full_marks_bound_what_counts(block: Block) -> None:
    half = sample("one two xxxxx yyyyy", "one two vvvvv wwwww")
    plain = block(half).value
    assert 0 < plain < 1
    assert block(half, threshold=plain + 0.01).value == 0.0
    assert block(half, threshold=plain).value == plain
    assert block(half, full_at=plain).value == 1.0
    assert block(half, full_at=min(1.0, plain * 1.25)).value == pytest.approx(max(plain, 0.8))


@pytest.mark.parametrize("block", GRADED)
@pytest.mark.parametrize("options", [{"threshold": -0.1}, {"full_at": 0}, {"full_at": 1.1},
                                     {"threshold": 0.6, "full_at": 0.5}, {"threshold": float("nan")}])  # fmt: skip
def test_bounds_without_sense_are_refused(block: Block, options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="threshold"):
        block(sample("a"), **options)


@settings(deadline=None)  # the first call imports
@given(TEXTS, TEXTS.filter(lambda text: normalised(text) != ""))
def test_similarity_stays_in_zero_and_one_and_exact_is_the_strictest(response: str, reference: str) -> None:
    values = [block(sample(response, reference)).value for block in BLOCKS]
    assert all(0 <= value <= 1 for value in values)
    assert values == sorted(values[:2]) + values[2:]
    if values[1]:
        assert values[2:] == [1.0, 1.0, 1.0]
    assert values[3] <= values[2] + 1e-12  # a subsequence is a bag of words too


@given(TEXTS)
def test_words_never_hold_spaces_or_punctuation(text: str) -> None:
    assert all(word and " " not in word and "." not in word for word in words(text))


FLOODS = ["a ", "ab", "\ufdfa", "é", "9.", "\u200b", "the ", "𝔞 ", "(", "\ud800"]


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize("block", BLOCKS)
def test_a_million_characters_end_soon(block: Block, flood: str) -> None:
    text = (flood * (1_000_000 // len(flood) + 1))[:1_000_000]
    began = time.process_time()
    block(sample(text))
    block(sample(text[1:], "x" + text))
    assert time.process_time() - began < 6


def test_what_lies_beyond_the_limit_never_makes_texts_the_same() -> None:
    long = "word " * 11_000
    assert normalised_match(sample(long + "wrong", long)).value == 0.0
