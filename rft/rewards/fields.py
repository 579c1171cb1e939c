"""Comparators: how much of one value is right, for structured answers.

A comparator is a function of the reference's value and the answer's value, both as JSON gives them, to a number
in [0, 1]. The functions here make them; your own may stand beside them:

    LINE = object_of({"description": text(), "quantity": number(), "amount": number(absolute=0.005)})
    FIELDS = {"issue_date": date(), "total": number(absolute=0.005), "line_items": list_of(LINE)}

Every comparator made here gives 1.0 for null against null, 0.0 for null against anything else, and raises
`MissingReferenceError` when the reference's value is of a type that it cannot compare, so that a wrong reference
is an error and not a wrong answer. true and false are never numbers.
"""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from rft.rewards.contract import MissingReferenceError
from rft.rewards.dates import read_date
from rft.rewards.lists import best_share, distinct, share_in_order
from rft.rewards.plain_text import indel_similarity, plain, token_f1

Comparator = Callable[[Any, Any], float]
ROUNDING: Final = 1e-12  # relative, for fractions: 0.1 + 0.2 is 0.3; whole numbers are equal or not
_NONE: Final[Mapping[str, Any]] = MappingProxyType({})


def exact() -> Comparator:
    """Equal as JSON: same type, same text to the last character; 1 and 1.0 are equal, 1 and true are not."""
    return lambda expected, given: float(_equal(expected, given))


def number(*, absolute: float = 0.0, relative: float = 0.0) -> Comparator:
    """A number no further from the reference than the larger of two tolerances, the relative one as a share of
    the reference. Text such as "12.50" is no number.

    Raises:
        ValueError: when a tolerance is negative or not finite.
    """
    if not (0 <= absolute < math.inf and 0 <= relative < math.inf):
        raise ValueError("tolerances must be finite and 0 or more")

    def compare(expected: Any, given: Any) -> float:
        if _is_null(expected, _is_number(expected), "a number"):
            return float(given is None)
        return float(_is_number(given) and _close(expected, given, absolute, relative))

    return compare


def date(*, day_first: bool | None = None) -> Comparator:
    """The same calendar day in any notation of `rft.rewards.dates`; a schema may still ask for one notation.

    Args:
        day_first: how the *answer's* `02/04/2025` is read; None takes it for no date.
    """

    def compare(expected: Any, given: Any) -> float:
        wanted = read_date(expected, day_first=day_first) if isinstance(expected, str) else None
        if _is_null(expected, wanted is not None, "a date"):
            return float(given is None)
        return float(isinstance(given, str) and read_date(given, day_first=day_first) == wanted)

    return compare


def text(*, case: bool = False) -> Comparator:
    """The same text but for white space, typographic quotes and dashes, Unicode compatibility forms (NFKC) and,
    unless `case`, upper and lower case."""

    def compare(expected: Any, given: Any) -> float:
        if _is_null(expected, isinstance(expected, str), "text"):
            return float(given is None)
        return float(isinstance(given, str) and plain(expected, case=case) == plain(given, case=case))

    return compare


def tokens(*, minimum: float = 0.5) -> Comparator:
    """F1 of the words (SQuAD's measure, Rajpurkar et al. 2016), 0 below `minimum`; blind to the words' order."""
    return _graded_text(token_f1, minimum)


def fuzzy(*, minimum: float = 0.8) -> Comparator:
    """Share of characters kept by the cheapest insertions and deletions, 0 below `minimum`: forgives a typing
    error, and a wrong digit too, so never use it for identifiers."""
    return _graded_text(indel_similarity, minimum)


def list_of(item: Comparator | None = None, *, ordered: bool = False) -> Comparator:
    """Items compared one by one: the sum of the pairs' scores over the longer list's length.

    Args:
        item: comparator of two items; None compares by the reference's type (`similar`).
        ordered: whether positions count. Otherwise items are paired so that the sum is largest.
    """
    compare_item = item or similar

    def compare(expected: Any, given: Any) -> float:
        if _is_null(expected, isinstance(expected, list), "a list"):
            return float(given is None)
        if not isinstance(given, list):
            return 0.0
        return (share_in_order if ordered else best_share)(compare_item, expected, given)

    return compare


def set_of(item: Comparator | None = None) -> Comparator:
    """Like an unordered `list_of`, with items that are given twice counted once."""
    compare_item = item or similar

    def compare(expected: Any, given: Any) -> float:
        if _is_null(expected, isinstance(expected, list), "a list"):
            return float(given is None)
        if not isinstance(given, list):
            return 0.0
        wanted = distinct(compare_item, expected, len(expected))
        return best_share(compare_item, wanted, distinct(compare_item, given, len(wanted)))

    return compare


def object_of(fields: Mapping[str, Comparator] = _NONE, weights: Mapping[str, float] = _NONE) -> Comparator:
    """A nested object: the weighted mean over the reference's fields and those that the answer adds; an added
    field counts as a wrong one of weight 1.

    Args:
        fields: comparators by name; other fields are compared by the reference's type (`similar`).
        weights: by name, 0 or more, 1 where not given.

    Raises:
        ValueError: when a weight is negative.
    """
    check_weights(weights)

    def compare(expected: Any, given: Any) -> float:
        if _is_null(expected, isinstance(expected, Mapping), "an object"):
            return float(given is None)
        if not isinstance(given, Mapping):
            return 0.0
        shares = {name: compare_field(fields, name, expected, given) for name in expected}
        added = sum(name not in expected for name in given)
        return weighted_mean(shares, weights, added)

    return compare


def similar(expected: Any, given: Any) -> float:
    """Compare by the reference's type: objects and lists by their parts (lists in the order that fits best),
    numbers exactly, texts as `text()` does. Where a list's order carries meaning use `list_of(ordered=True)`."""
    if isinstance(expected, Mapping):
        return _OBJECT(expected, given)
    if isinstance(expected, list):
        return _LIST(expected, given)
    if isinstance(expected, str):
        return _TEXT(expected, given)
    return float(_equal(expected, given))


def compare_field(
    fields: Mapping[str, Comparator], name: str, expected: Mapping[str, Any], given: Mapping[str, Any]
) -> float:
    """Compare one field of the reference; an absent field is wrong even where null is right."""
    return fields.get(name, similar)(expected[name], given[name]) if name in given else 0.0


def weighted_mean(shares: Mapping[str, float], weights: Mapping[str, float], added: int = 0) -> float:
    """Return the mean of shares with `added` zeros of weight 1; 1.0 when nothing has weight."""
    total = math.fsum([*(weights.get(name, 1.0) for name in shares), float(added)])
    return (
        math.fsum(weights.get(name, 1.0) * share for name, share in shares.items()) / total if total else 1.0
    )


def check_weights(weights: Mapping[str, float]) -> None:
    """Raise ValueError unless all weights are 0 or more."""
    wrong = sorted(name for name, weight in weights.items() if not 0 <= weight < math.inf)
    if wrong:
        raise ValueError(f"the weights of {', '.join(wrong)} must be finite and 0 or more")


def _graded_text(measure: Callable[[str, str], float], minimum: float) -> Comparator:
    if not 0 <= minimum <= 1:
        raise ValueError("minimum must be in [0, 1]")

    def compare(expected: Any, given: Any) -> float:
        if _is_null(expected, isinstance(expected, str), "text"):
            return float(given is None)
        share = measure(plain(expected), plain(given)) if isinstance(given, str) else 0.0
        return share if share >= minimum else 0.0

    return compare


def _is_null(expected: Any, comparable: bool, kind: str) -> bool:
    if expected is not None and not comparable:
        raise MissingReferenceError(f"a field of the reference_answer is neither {kind} nor null")
    return expected is None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _close(expected: float, given: float, absolute: float = 0.0, relative: float = 0.0) -> bool:
    if not (isinstance(expected, int) and isinstance(given, int)):
        relative = max(relative, ROUNDING)
    try:
        return abs(given - expected) <= max(absolute, relative * abs(expected))
    except OverflowError:  # a whole number beyond every double
        return False


def _equal(expected: Any, given: Any) -> bool:
    if _is_number(expected) and _is_number(given):
        return _close(expected, given)
    if isinstance(expected, list) and isinstance(given, list):
        return len(expected) == len(given) and all(map(_equal, expected, given))
    if isinstance(expected, Mapping) and isinstance(given, Mapping):
        return expected.keys() == given.keys() and all(_equal(expected[n], given[n]) for n in expected)
    return type(expected) is type(given) and bool(expected == given)


_TEXT, _LIST, _OBJECT = text(), list_of(), object_of()
