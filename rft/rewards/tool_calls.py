"""Scores the tool calls of a response against those of the reference.

Calls are paired by name so that the most arguments fit, whatever their order (smg PR #523: parallel calls come in any
order); a call to another tool earns nothing, calls too many and too few lower the score alike, so that calling
everything does not pay. Values are compared, not only names (AU-Harness#31 never compared scalar values).

Known limits: arguments of text must be equal to the last character unless a comparator is given; calls that lead to
the same end in another way are wrong; a call's id is ignored, and so is text beside the message's own calls.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from rft.rewards.contract import MissingReferenceError, Sample, Score
from rft.rewards.fields import Comparator
from rft.rewards.matching import best_pairs, best_pairs_in_order
from rft.rewards.tool_arguments import argument_share, obeys
from rft.rewards.tool_reading import (
    TOOLS_KEY,
    Call,
    UnreadableCallsError,
    read_answer,
    read_tools,
    read_value,
)

NAME_SHARE: Final = 0.2  # of a call's score, for the right tool; the rest is for its arguments
INCOMPLETE_FACTOR: Final = 0.5  # on the rest, unless all arguments are right: such a call fails
COMPONENTS: Final = ("readable", "names", "arguments", "known", "valid")
_NONE: Final[Mapping[str, Comparator]] = MappingProxyType({})
_Tools = Mapping[str, Mapping[str, Any]]


def tool_calls(
    sample: Sample,
    *,
    ordered: bool = False,
    stated: bool = False,
    tools: Sequence[Mapping[str, Any]] | None = None,
    comparators: Mapping[str, Comparator] = _NONE,
    name_share: float = NAME_SHARE,
    incomplete_factor: float = INCOMPLETE_FACTOR,
) -> Score:
    """Score calls: the sum over pairs of calls to the same tool, divided by the larger number of calls.

    A pair earns `name_share`; all of the rest when its arguments are right, else `incomplete_factor` of the share that
    is right, which is 0 when an argument is added that does not belong. Where no call is expected, none earns 1 and
    any earns 0.

    Components, all in [0, 1]: `readable` (0 when no calls can be read, all others are then 0 too); `names` (calls to
    the right tools over the larger number); `arguments` (mean share of right arguments of these); `known` (share of
    the calls that go to a tool on offer) and `valid` (share that obeys its tool's schema), both 1 without calls and
    left out without tools.

    Args:
        sample: its reference is `{"tool_calls": [{"name", "arguments"}]}` or any other shape of
            `rft.rewards.tool_reading`; `[]` expects no call. Its `extra["tools"]` are the tools on offer.
        ordered: whether the calls must come in the reference's order.
        stated: whether the absence of calls must be written as an empty list; otherwise a text without calls, which
            answers the user in words, states it. An empty answer states nothing.
        tools: the tools on offer when the record has none, in the shapes that it may have.
        comparators: of arguments, by `tool.argument`, from `rft.rewards.fields`; others must be equal.
        name_share: above 0 and at most 1.
        incomplete_factor: in [0, 1].

    Raises:
        MissingReferenceError: when the reference has no readable calls or calls that break the tools' schemas.
        ValueError: when `name_share` or `incomplete_factor` is out of its range.
    """
    if not (0 < name_share <= 1 and 0 <= incomplete_factor <= 1):
        raise ValueError("name_share must be above 0 and at most 1, incomplete_factor in [0, 1]")
    offered = read_tools(sample.extra.get(TOOLS_KEY)) or read_tools(list(tools or ()))
    expected = _reference(sample.reference, offered)
    shown = [name for name in COMPONENTS if offered is not None or name not in ("known", "valid")]
    try:
        answer = read_answer(sample)
    except UnreadableCallsError as error:
        return Score(0.0, dict.fromkeys(shown, 0.0), (str(error),))
    if stated and not answer.stated:
        return Score(0.0, dict.fromkeys(shown, 0.0), ("calls or their absence are not stated as JSON",))
    calls = answer.calls
    components = dict.fromkeys(shown, 1.0) | _on_offer(calls, offered)
    longest = max(len(expected), len(calls))
    if not longest:
        return Score(1.0, components)
    shares = [[_share(e, g, offered or {}, comparators) for g in calls] for e in expected]
    worth = [[_worth(share, name_share, incomplete_factor) for share in row] for row in shares]
    pairs = best_pairs_in_order(worth) if ordered else best_pairs(worth)
    right = [share for row, column in pairs if (share := shares[row][column]) is not None]
    components["names"] = len(right) / longest
    components["arguments"] = math.fsum(right) / len(right) if right else 0.0
    return Score(min(1.0, math.fsum(worth[row][column] for row, column in pairs) / longest), components)


def _worth(share: float | None, name_share: float, incomplete_factor: float) -> float:
    """What a pair of calls earns; None is the share of a call to another tool."""
    if share is None:
        return 0.0
    return name_share + (1 - name_share) * share * (1.0 if share == 1.0 else incomplete_factor)


def _share(
    expected: Call, given: Call, offered: _Tools, comparators: Mapping[str, Comparator]
) -> float | None:
    """The share of right arguments; None for a call to another tool."""
    if expected.name != given.name:
        return None
    if expected.arguments is None or given.arguments is None:
        return 0.0
    own = {
        name: compare
        for key, compare in comparators.items()
        for tool, _, name in (key.rpartition("."),)
        if tool == expected.name
    }
    return argument_share(expected.arguments, given.arguments, offered.get(expected.name, {}), own)


def _on_offer(calls: Sequence[Call], offered: _Tools | None) -> dict[str, float]:
    if offered is None or not calls:
        return {}
    known = [call.name in offered for call in calls]
    valid = [call.name in offered and obeys(call.arguments, offered[call.name]) for call in calls]
    return {"known": sum(known) / len(calls), "valid": sum(valid) / len(calls)}


def _reference(reference: Any, offered: _Tools | None) -> tuple[Call, ...]:
    try:
        calls = read_value(reference)
    except UnreadableCallsError as error:
        raise MissingReferenceError(f"the reference_answer: {error}") from None
    for number, call in enumerate(calls, start=1):
        if call.arguments is None:
            raise MissingReferenceError(f"call {number} of the reference_answer has no readable arguments")
        if offered is not None and not (call.name in offered and obeys(call.arguments, offered[call.name])):
            raise MissingReferenceError(f"call {number} of the reference_answer breaks the record's tools")
    return calls
