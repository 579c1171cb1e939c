"""Comparators: right in any usual notation, wrong in any other, and a wrong reference is an error."""

import random
import time
from datetime import date as day
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import MissingReferenceError
from rft.rewards import fields as f
from rft.rewards.dates import read_date
from rft.rewards.fields import Comparator, similar

CENT = f.number(absolute=0.005)
ITEM = f.object_of({"n": f.number(), "t": f.text()})
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("compare", "expected", "given", "share"),
    [
        (f.exact(), "a", "a", 1), (f.exact(), "a", "A", 0), (f.exact(), 1, 1.0, 1), (f.exact(), 1, True, 0),
        (f.exact(), True, 1, 0), (f.exact(), 0, False, 0), (f.exact(), None, None, 1), (f.exact(), None, "", 0),
        (f.exact(), [1, 2], [1.0, 2], 1), (f.exact(), [1, 2], [2, 1], 0), (f.exact(), {"a": 1}, {"a": 1.0}, 1),
        (f.exact(), {"a": 1}, {"a": True}, 0), (f.exact(), {"a": 1}, {"a": 1, "b": 2}, 0),
        (f.exact(), 0.1 + 0.2, 0.3, 1),
        (f.number(), 5, 5.0, 1), (f.number(), 5, "5", 0), (f.number(), 1, True, 0), (f.number(), 5, None, 0),
        (f.number(), None, None, 1), (f.number(), None, 0, 0), (f.number(), 0.001, 0.004, 0),
        (f.number(), 12345678901, 12345678902, 0), (f.exact(), 2**53, 2**53 + 1, 0), (f.number(), 10**400, 1.5, 0),
        (f.exact(), 123456789.01, 123456789.02, 0), (f.number(relative=1), 1.5, 10**400, 0),
        (CENT, 12.5, 12.504, 1), (CENT, 12.5, 12.51, 0), (f.number(relative=0.01), 200, 201.9, 1),
        (f.number(relative=0.01), 200, 202.1, 0), (f.number(relative=0.01), -200, -201, 1),
        (f.number(relative=0.01), 0, 0.001, 0), (f.number(), 10**299, -(10**299), 0), (f.number(), 1.5, 10**299, 0),
        (f.text(), "Juno Foods", " JUNO  foods\n", 1), (f.text(), "O'Neill – Co", "O’Neill - Co", 1),
        (f.text(), "ﬁne", "fine", 1), (f.text(), "a", "b", 0), (f.text(), "1", 1, 0), (f.text(), None, None, 1),
        (f.text(case=True), "aB", "ab", 0), (f.text(case=True), "aB", "aB ", 1),
        (f.tokens(), "LED panel 60x60", "60x60 LED panel", 1), (f.tokens(), "LED panel", "LED lamp", 0.5),
        (f.tokens(minimum=0.6), "LED panel", "LED lamp", 0), (f.tokens(), "a b", "a a a a b", pytest.approx(4 / 7)),
        (f.tokens(), "...", "!!!", 0), (f.tokens(), "a", 3, 0),
        (f.fuzzy(), "consulting", "consultng", pytest.approx(18 / 19)), (f.fuzzy(), "consulting", "delivery", 0),
        (f.fuzzy(minimum=0), "ab", "cd", 0), (f.fuzzy(), "", "", 1), (f.fuzzy(), "x" * 2000, "x" * 2000, 1),
        (f.fuzzy(), "x" * 2000, "x" * 1999, 0), (f.fuzzy(), None, "", 0),
        (f.list_of(), [1, 2], [2, 1], 1), (f.list_of(), [1, 2], [1], 0.5), (f.list_of(), [1], [1, 1, 1, 1], 0.25),
        (f.list_of(), [], [], 1), (f.list_of(), [], [1], 0), (f.list_of(), [1], {"0": 1}, 0),
        (f.list_of(ordered=True), [1, 2], [2, 1], 0),
        (f.list_of(ordered=True), [1, 2, 3], [1, 2], pytest.approx(2 / 3)),
        (f.set_of(), [1, 2], [2, 1, 2, 2], 1), (f.set_of(), [1, 1, 2], [1, 2], 1), (f.set_of(), [1], [1, 2], 0.5),
        (f.set_of(f.text()), ["a", "b"], ["A", "a", "B"], 1), (f.set_of(), [1, True], [1], 0.5),
        (f.set_of(), [1], 1, 0),
        (ITEM, {"n": 1, "t": "a"}, {"n": 1, "t": "A"}, 1), (ITEM, {"n": 1, "t": "a"}, {"n": 1}, 0.5),
        (ITEM, {"n": 1}, {"n": 1, "x": 0}, 0.5), (ITEM, {"n": None}, {}, 0), (ITEM, {"n": 1}, [1], 0),
        (f.object_of({}, {"a": 3}), {"a": 1, "b": 1}, {"a": 1, "b": 2}, 0.75), (f.object_of(), {}, {}, 1),
        (f.object_of({}, {"a": 0}), {"a": 1}, {"a": 2}, 1),
        (f.list_of(ITEM), [{"n": 1, "t": "a"}, {"n": 2, "t": "b"}], [{"n": 2, "t": "b"}, {"n": 1, "t": "x"}], 0.75),
        (similar, {"a": [1, {"b": "X"}]}, {"a": [{"b": "x"}, 1]}, 1), (similar, 1, True, 0), (similar, "a", None, 0),
    ],
)  # fmt: skip
def test_a_comparator_tells_right_from_wrong(
    compare: Comparator, expected: Any, given: Any, share: float
) -> None:
    assert compare(expected, given) == share


@pytest.mark.parametrize(
    ("compare", "expected"),
    [
        (f.number(), "5"), (f.number(), True), (f.date(), "soon"), (f.date(), 20250402), (f.date(), "02/04/2025"),
        (f.text(), 5), (f.tokens(), []), (f.fuzzy(), {}), (f.list_of(), {}), (f.set_of(), "a"), (f.object_of(), []),
    ],
)  # fmt: skip
def test_a_reference_of_another_type_is_an_error_and_not_a_wrong_answer(
    compare: Comparator, expected: Any
) -> None:
    with pytest.raises(MissingReferenceError):
        compare(expected, expected)


@pytest.mark.parametrize(
    "make",
    [
        lambda: f.number(absolute=-1), lambda: f.number(relative=float("nan")), lambda: f.number(absolute=float("inf")),
        lambda: f.tokens(minimum=2), lambda: f.fuzzy(minimum=-1), lambda: f.object_of({}, {"a": -1}),
    ],
)  # fmt: skip
def test_options_without_sense_are_refused(make: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        make()


@pytest.mark.parametrize(
    "text",
    [
        "2025-04-02", "2025/4/2", "2025.04.02", "20250402", "2025-04-02T00:00:00Z", "2025-04-02 10:30", "02.04.2025",
        "2.4.2025", "2 April 2025", "02 Apr 2025", "2nd of April, 2025", "April 2, 2025", "Apr. 2nd 2025", "2-Apr-2025",
        "Wed, 2 Apr 2025", "wednesday, april 2, 2025", " 2025-04-02\n",
    ],
)  # fmt: skip
def test_one_day_is_read_in_every_usual_notation(text: str) -> None:
    assert read_date(text) == day(2025, 4, 2)
    assert f.date()("2025-04-02", text) == 1.0
    assert f.date()("2025-04-03", text) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "2025", "2025-13-01", "2025-02-30", "30.02.2025", "02/04/2025", "2.4.25", "2025-04", "2 Foo 2025",
        "2025-04/02", "202542", "2025-04-02 and 2025-04-03", "٢٠٢٥-٠٤-٠٢", "x" * 100, "2025-04-02" + " " * 100,
        "0000-01-01",
    ],
)  # fmt: skip
def test_no_day_or_one_that_is_ambiguous_is_not_guessed(text: str) -> None:
    assert read_date(text) is None


def test_the_order_of_day_and_month_is_known_or_told() -> None:
    assert read_date("13/04/2025") == read_date("04/13/2025") == day(2025, 4, 13)
    assert read_date("04/04/2025") == day(2025, 4, 4)
    assert read_date("02/04/2025", day_first=True) == day(2025, 4, 2)
    assert read_date("02/04/2025", day_first=False) == day(2025, 2, 4)


@given(st.dates(min_value=day(1000, 1, 1)))
def test_every_day_is_read_back(value: day) -> None:
    for text in (
        value.isoformat(),
        f"{value:%d.%m.%Y}",
        f"{value:%d %B %Y}",
        f"{value:%b} {value.day}, {value:%Y}",
    ):
        assert read_date(text) == value


@given(JSON)
def test_a_value_is_wholly_like_itself(value: Any) -> None:
    assert similar(value, value) == f.exact()(value, value) == pytest.approx(1.0)


@given(JSON, JSON)
def test_a_share_is_between_zero_and_one(expected: Any, value: Any) -> None:
    assert 0.0 <= similar(expected, value) <= 1.0 + 1e-12


@given(st.lists(JSON, max_size=8), st.lists(JSON, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_items_does_not_change_an_order_free_share(
    expected: Any, items: Any, order: Any
) -> None:
    shuffled = order.sample(items, len(items))
    for compare in (f.list_of(), f.set_of()):
        assert compare(expected, shuffled) == pytest.approx(compare(expected, items))


@pytest.mark.parametrize("length", [31, 33, 80])
def test_the_order_of_long_lists_does_not_matter_either(length: int) -> None:
    draw = random.Random(length)
    expected = [{"n": n % 7, "t": str(n)} for n in range(length)]
    changed = [{**item, "n": 0} if n % 3 else item for n, item in enumerate(expected)]
    shares = {round(f.list_of(ITEM)(expected, draw.sample(changed, length)), 9) for _ in range(3)}
    assert len(shares) == 1
    assert 0.3 < shares.pop() < 1.0
    assert f.list_of(ITEM)(expected, expected[::-1]) == 1.0


@given(st.lists(JSON, max_size=6), JSON)
def test_a_wrong_item_more_never_raises_the_share(expected: Any, item: Any) -> None:
    for compare in (f.list_of(), f.set_of()):
        assert compare(expected, [*expected, item]) <= compare(expected, expected) + 1e-12
        assert compare(expected, [*expected[1:], item, item, item]) <= 1.0 + 1e-12


def test_a_list_that_never_ends_ends_soon() -> None:
    items = [{"t": "x" * 900 + str(n), "n": n} for n in range(32)]
    began = time.process_time()
    for items_given in (
        [{"t": str(n)} for n in range(20_000)],
        [{"t": "x" * 40 + str(n)} for n in range(33)],
        [[]] * 60_000,
    ):
        assert f.list_of(f.object_of({"t": f.fuzzy()}))(items, items_given) < 0.1
        assert f.set_of(f.object_of({"t": f.fuzzy()}))(items, items_given) < 0.1
    assert time.process_time() - began < 5.0
