"""Form: patterns in linear time, tags once and in order, an answer line at the end."""

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import Sample, matches, tag_text, tagged

GOOD = "<think>48 / 2 = 24</think>\n<answer>72</answer>"


def sample(response: str) -> Sample:
    return Sample("1", (), response)


@pytest.mark.parametrize(
    ("pattern", "response", "options", "expected"),
    [
        (r"\d+", "72", {}, 1), (r"\d+", " 72\n", {}, 1), (r"\d+", "x 72", {}, 0), (r"\d+", "72\n73", {}, 0),
        (r"\d+", "x 72", {"whole": False}, 1), ("yes|no", "YES", {}, 0),
        ("yes|no", "YES", {"ignore_case": True}, 1),
        ("yes|no", "yes, no", {}, 0), ("a.b", "a\nb", {}, 1), (r"\p{Greek}+", "λόγος", {}, 1), (".", "é", {}, 1),
        (".*", "\ud800", {}, 1), (".*", "", {}, 1), (r"\w+", "", {}, 0),
        ("(?s)Answer: .{1,20}", "Answer: 4", {}, 1),
    ],
)  # fmt: skip
def test_a_pattern_must_match_all_unless_told_otherwise(
    pattern: str, response: str, options: dict[str, bool], expected: int
) -> None:
    assert matches(sample(response), pattern, **options).value == expected


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "a{1001}", "[", "x" * 2001])
def test_a_pattern_that_could_run_for_ever_or_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="pattern") as caught:
        matches(sample("secret"), pattern)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "piece"),
    [
        (r"(a+)+b", "a"),
        (r"(.*){10}x", "a"),
        (r"(a|aa)+$", "a"),
        (r"([a-z]+ ?)*!", "ab "),
        (r".*[^c]{900}d", "a"),
    ],
)
def test_a_catastrophic_pattern_takes_linear_time(pattern: str, piece: str) -> None:
    began = time.process_time()
    matches(sample((piece * 200_000)[:200_000]), pattern)
    matches(sample((piece * 200_000)[:200_000]), pattern, whole=False)
    assert time.process_time() - began < 6


def test_a_response_beyond_the_limit_does_not_match() -> None:
    score = matches(sample("a" * 1_000_000), "a*")
    assert (score.value, score.reasons) == (0.0, ("longer than 200000 characters",))


@pytest.mark.parametrize(
    ("response", "fault"),
    [
        (GOOD, None),
        ("  <think>a</think> <answer>b</answer>\n", None),
        ("<think>a < b</think><answer>b</answer>", None),
        ("", "think"),
        ("<answer>b</answer>", "think"),
        ("<think>a</think>", "answer"),
        ("<think></think><answer>b</answer>", "empty"),
        ("<think>a</think><answer> \n</answer>", "empty"),
        ("<think>a</think><answer>\u200b</answer>", "empty"),
        ("<answer>b</answer><think>a</think>", "order"),
        ("<think>a<answer>b</answer></think>", "order"),
        ("<think>a</think>so<answer>b</answer>", "before"),
        ("Sure! <think>a</think><answer>b</answer>", "before"),
        ("<think>a</think><answer>b</answer>Bye", "after"),
        ("<think>a</think><answer>b</answer><answer>c</answer>", "exactly once"),
        ("<think>a</think><think>a</think><answer>b</answer>", "exactly once"),
        ("</think>a<think><answer>b</answer>", "exactly once"),
        ("<THINK>a</THINK><answer>b</answer>", "exactly once"),
        ("<think>a</think><answer>b", "exactly once"),
        (GOOD + "x" * 200_000, "longer"),
    ],
)
def test_tags_stand_once_in_order_and_nothing_outside(response: str, fault: str | None) -> None:
    score = tagged(sample(response))
    assert score.value == float(fault is None)
    assert all(fault and fault in reason for reason in score.reasons)


def test_tags_are_chosen_freely() -> None:
    assert tagged(sample("<sql>SELECT 1</sql>"), "sql").value == 1.0
    assert tagged(sample("<a>1</a><b-2>2</b-2><c>3</c>"), "a", "b-2", "c").value == 1.0


@pytest.mark.parametrize("tags", [("a", "a"), ("<a>",), ("",), ("1a",), ("a b",), ("a" * 40,)])
def test_names_that_are_no_tags_are_refused(tags: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="different names"):
        tagged(sample(GOOD), *tags)


def test_the_text_of_a_tag_is_what_an_answer_block_reads() -> None:
    assert tag_text(GOOD, "answer") == "72"
    for text in ("", "72", "<answer>1</answer><answer>2</answer>", "</answer>72<answer>", "<answer>72"):
        assert tag_text(text, "answer") is None


@given(
    st.text()
    | st.lists(st.sampled_from(["<think>", "</think>", "<answer>", "</answer>", "x", " "])).map("".join)
)
def test_tagged_text_has_both_contents_and_no_response_raises(text: str) -> None:
    score = tagged(sample(text))
    assert score.value in (0.0, 1.0)
    if score.value:
        assert tag_text(text, "think")
        assert tag_text(text, "answer")


@pytest.mark.parametrize("piece", ["<think>", "<", "</answer>", "<think></think>", "a"])
def test_a_million_characters_of_tags_end_soon(piece: str) -> None:
    began = time.process_time()
    tagged(sample(piece * (1_000_000 // len(piece))))
    tag_text(piece * (1_000_000 // len(piece)), "answer")
    assert time.process_time() - began < 4


def test_only_patterns_need_the_engine() -> None:
    code = (
        "import sys; from rft.rewards import tagged, token_f1, not_repetitive, answered, in_language, token_budget;"
        "print(sorted({'re2', 'rapidfuzz', 'jsonschema'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
