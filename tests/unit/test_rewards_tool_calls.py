"""Tool calls: read in every shape, paired whatever their order, and nothing for the wrong tool."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import MissingReferenceError, Sample, Score, tool_calls
from rft.rewards import fields as f
from rft.rewards.tool_reading import MAX_CALLS

TOOLS = [
    {"type": "function", "function": {"name": "book_room", "parameters": {
        "type": "object",
        "properties": {
            "room": {"type": "string"},
            "seats": {"type": "integer", "default": 4},
            "price": {"type": "number"},
            "catering": {"type": "boolean", "default": False},
            "style": {"enum": ["round", "rows"]},
            "at": {"type": "object", "properties": {"day": {"type": "string"}, "zone": {"default": "UTC"}}},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["room"],
    }}},
    {"type": "function", "function": {"name": "ping"}},
    {"toolSpec": {"name": "free_room", "inputSchema": {"json": {
        "type": "object", "properties": {"room": {"type": "string"}}, "required": ["room"],
    }}}},
]  # fmt: skip
BOOK = {"name": "book_room", "arguments": {"room": "Alba", "seats": 8}}
FREE = {"name": "free_room", "arguments": {"room": "Alba"}}
BOTH = {"tool_calls": [BOOK, FREE]}


def sample(answer: Any, reference: Any = None, tools: Any = TOOLS) -> Sample:
    """A sample whose answer is text, calls to be written as JSON, or a whole message."""
    message = answer if isinstance(answer, dict) and ("role" in answer or "content" in answer) else None
    text = "" if message else answer if isinstance(answer, str) else json.dumps({"tool_calls": answer})
    extra = {} if tools is None else {"tools": tools}
    return Sample(
        "1", (), text, {"tool_calls": [BOOK]} if reference is None else reference, extra, message or {}
    )


def value(answer: Any, reference: Any = None, tools: Any = TOOLS, **options: Any) -> float:
    return tool_calls(sample(answer, reference, tools), **options).value


def booking(**changed: Any) -> list[dict[str, Any]]:
    arguments = {**BOOK["arguments"], **changed}  # type: ignore[dict-item]
    return [{"name": "book_room", "arguments": {name: v for name, v in arguments.items() if v is not ...}}]


TEXT = json.dumps(BOOK)
ARGUMENTS = json.dumps(BOOK["arguments"])


@pytest.mark.parametrize(
    "answer",
    [
        [BOOK], TEXT, f"[{TEXT}]", f'{{"tool_calls": [{TEXT}]}}', f"```json\n{TEXT}\n```", f"I call: {TEXT} now. [1]",
        f"<tool_call>{TEXT}</tool_call>", f"Thinking.\n<tool_call>\n{TEXT}\n</tool_call>\n", f"{TEXT} or rather {TEXT}",
        [{"name": "book_room", "arguments": ARGUMENTS}], [{"name": "book_room", "input": BOOK["arguments"]}],
        [{"name": "book_room", "parameters": BOOK["arguments"], "id": "x"}],
        [{"type": "function", "function": {"name": "book_room", "arguments": ARGUMENTS}}],
        [{"toolUse": {"name": "book_room", "input": BOOK["arguments"]}}],
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "book_room", "arguments": ARGUMENTS}}]},
        {"role": "assistant", "content": [
            {"text": "I will book."},
            {"toolUse": {"toolUseId": "1", "name": "book_room", "input": BOOK["arguments"]}}]},
        {"role": "assistant", "content": [{"type": "tool_use", "name": "book_room", "input": BOOK["arguments"]}]},
    ],
    ids=str,
)  # fmt: skip
def test_a_call_is_read_in_every_shape_of_answer_and_reference(answer: Any) -> None:
    assert value(answer) == 1.0
    reference = answer if isinstance(answer, str | dict) else {"tool_calls": answer}
    assert value([BOOK], reference) == 1.0
    assert value([FREE], reference) == 0.0


@pytest.mark.parametrize(
    ("answer", "share"),
    [
        (booking(seats=8.0), 1), (booking(seats="8"), 0.5), (booking(seats=True), 0.5), (booking(seats=9), 0.5),
        (booking(room="alba"), 0.5), (booking(room="Alba", seats=...), 0.5), (booking(catering=False), 1),
        (booking(catering=True), 2 / 3), (booking(catering=0), 2 / 3), (booking(price=None), 0), (booking(floor=2), 0),
        (booking(style="rows"), 0), ([{"name": "book_room"}], 0), ([{"name": "book_room", "arguments": "{"}], 0),
        ([{"name": "book_room", "arguments": '{"room": "Alba", "seats": 8, "seats": 8}'}], 0),
    ],
)  # fmt: skip
def test_arguments_are_compared_by_the_types_of_the_schema(answer: Any, share: float) -> None:
    score = tool_calls(sample(answer))
    assert score.components["arguments"] == pytest.approx(share)
    assert score.value == pytest.approx(0.2 + 0.8 * (share if share == 1 else share / 2))


def test_an_optional_argument_may_be_left_out_at_its_default_on_either_side() -> None:
    four, none = booking(seats=4), booking(seats=...)
    assert value(none, {"tool_calls": four}) == value(four, {"tool_calls": none}) == 1.0
    assert value(none, {"tool_calls": four}, tools=None) < 1.0


def test_a_required_argument_may_not_be_left_out_at_its_default() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "default": 1}}, "required": ["n"]}
    tools = [{"type": "function", "function": {"name": "count", "parameters": schema}}]
    reference = {"tool_calls": [{"name": "count", "arguments": {"n": 1}}]}
    assert value([{"name": "count", "arguments": {"n": 1}}], reference, tools) == 1.0
    assert value([{"name": "count", "arguments": {}}], reference, tools) == pytest.approx(0.2)


def test_defaults_of_nested_objects_may_be_left_out_too() -> None:
    reference = {"tool_calls": booking(at={"day": "Monday", "zone": "UTC"})}
    assert value(booking(at={"day": "Monday"}), reference) == 1.0
    assert value(booking(at={"day": "Monday", "zone": "CET"}), reference) < 1.0


def test_without_tools_numbers_and_booleans_still_differ() -> None:
    reference = {"tool_calls": [{"name": "x", "arguments": {"n": 1, "tags": ["a", "b"]}}]}
    for number, share in ((1.0, 1.0), (True, 0.5), ("1", 0.5)):
        answer = [{"name": "x", "arguments": {"n": number, "tags": ["a", "b"]}}]
        score = tool_calls(sample(answer, reference, tools=None))
        assert score.components == {"readable": 1.0, "names": 1.0, "arguments": share}
    assert value([{"name": "x", "arguments": {"n": 1, "tags": ["b", "a"]}}], reference, None) < 1.0


@pytest.mark.parametrize(
    ("calls", "share"),
    [
        ([BOOK, FREE], 1), ([FREE, BOOK], 1), ([BOOK], 0.5), ([BOOK, FREE, FREE], 2 / 3), ([], 0), ([BOOK, BOOK], 0.5),
        ([{"name": "ping"}, {"name": "nope"}], 0), ([BOOK, FREE, {"name": "ping"}, {"name": "nope"}], 0.5),
        ([{"name": "cancel_room", "arguments": {"room": "Alba"}}, BOOK], 0.5),
    ],
)  # fmt: skip
def test_several_calls_are_paired_whatever_their_order_and_extra_calls_lose(calls: Any, share: float) -> None:
    assert value(calls, BOTH) == pytest.approx(share)


def test_arguments_that_no_program_should_take_are_none() -> None:
    for room in (json.loads("[" * 500 + "]" * 500), 10**400, float("nan")):
        message = {
            "role": "assistant",
            "tool_calls": [{"name": "book_room", "arguments": {"room": "Alba", "seats": room}}],
        }
        assert value(message) <= 0.4


def test_order_counts_only_when_asked_for() -> None:
    assert value([FREE, BOOK], BOTH, ordered=True) == 0.5
    assert value([BOOK, FREE], BOTH, ordered=True) == 1.0
    assert value([BOOK, {"name": "ping"}, FREE], BOTH, ordered=True) == pytest.approx(2 / 3)


def test_calls_to_the_same_tool_are_paired_by_their_arguments() -> None:
    rooms = [{"name": "free_room", "arguments": {"room": room}} for room in ("Alba", "Birk", "Carl")]
    assert value(rooms[::-1], {"tool_calls": rooms}) == 1.0
    assert value([rooms[2], rooms[2], rooms[0]], {"tool_calls": rooms}) == pytest.approx((2 + 0.2) / 3)


def test_a_tool_that_does_not_exist_shows_in_the_components() -> None:
    score = tool_calls(sample([BOOK, {"name": "nope", "arguments": {}}]))
    assert score.components == {"readable": 1, "names": 0.5, "arguments": 1, "known": 0.5, "valid": 0.5}
    assert tool_calls(sample(booking(floor=2))).components["valid"] == 0.0


@pytest.mark.parametrize(
    ("answer", "said", "stated"),
    [
        ([], 1, 1), ("[]", 1, 1), ('{"tool_calls": []}', 1, 1), ("You have no meetings today [1].", 1, 0),
        ("", 0, 0), (" \n", 0, 0), ([FREE], 0, 0), ('{"score": 1.0}', 0, 0), ('{"tool_calls": [', 0, 0), ("{}", 0, 0),
        ('{"tool_calls": null}', 0, 0), (f'{{"tool_calls": []}} or {TEXT}', 0, 0), ("<tool_call>", 0, 0),
    ],
)  # fmt: skip
def test_no_call_expected_is_met_by_none_and_not_by_nothing(answer: Any, said: float, stated: float) -> None:
    assert value(answer, []) == value(answer, {"tool_calls": []}) == said
    assert value(answer, [], stated=True) == stated
    assert value(answer, BOTH) <= 0.5


@pytest.mark.parametrize(
    "answer",
    [
        f"{TEXT} {json.dumps(FREE)}", f"{TEXT[:-1]}", f"<tool_call>{TEXT}",
        f"<tool_call>{TEXT}</tool_call><tool_call>{{",
        "<tool_call></tool_call>", '{"name": "book_room", "arguments": {"room": NaN}}', '{"name": 5}', '{"name": ""}',
        '[{"name": "book_room"}, {}]', [BOOK] * (MAX_CALLS + 1),
        {"role": "assistant", "tool_calls": [BOOK], "content": [{"toolUse": {"name": "ping", "input": {}}}]},
        {"role": "assistant", "tool_calls": "book_room"}, {"role": "assistant", "tool_calls": [{"function": 5}]},
    ],
    ids=str,
)  # fmt: skip
def test_an_answer_that_cannot_be_read_as_one_list_of_calls_earns_nothing(answer: Any) -> None:
    score = tool_calls(sample(answer))
    assert score.value == 0.0
    assert not any(score.components.values())
    assert "Alba" not in "".join(score.reasons)


@pytest.mark.parametrize(
    "reference",
    [
        5, "No call is needed.", {}, {"answer": 5}, {"tool_calls": [{"name": "nope", "arguments": {}}]},
        {"tool_calls": [{"name": "book_room", "arguments": {}}]}, {"tool_calls": booking(seats="8")},
        {"tool_calls": booking(floor=1)}, {"tool_calls": booking(style="oval")}, {"tool_calls": booking(tags=[1])},
        {"tool_calls": [{"name": "book_room", "arguments": "{"}]}, {"tool_calls": booking(seats=True)},
    ],
    ids=str,
)  # fmt: skip
def test_a_reference_without_calls_that_can_be_made_is_an_error(reference: Any) -> None:
    with pytest.raises(MissingReferenceError):
        value([BOOK], reference)


def test_tools_may_be_declared_where_the_record_has_none() -> None:
    reference = {"tool_calls": booking(seats=...)}
    assert value(booking(seats=4), reference, tools=None) == pytest.approx(0.2)
    assert tool_calls(sample(booking(seats=4), reference, None), tools=TOOLS).value == 1.0


def test_arguments_in_free_words_may_have_a_comparator_of_their_own() -> None:
    comparators = {"book_room.room": f.text(), "ping.room": f.exact()}
    assert value(booking(room="ALBA")) < 1.0
    assert value(booking(room="ALBA"), comparators=comparators) == 1.0
    assert value(booking(room=5), comparators=comparators) < 1.0


@pytest.mark.parametrize("name_share", [0, -1, 1.1, float("nan")])
def test_a_name_share_without_sense_is_refused(name_share: float) -> None:
    with pytest.raises(ValueError, match="name_share"):
        value([BOOK], name_share=name_share)
    assert value(booking(room="x", seats=1, catering=True), name_share=1) == 1.0


def test_what_a_call_with_a_wrong_argument_earns_is_declared() -> None:
    wrong = booking(seats=9)
    assert value(wrong) == pytest.approx(0.2 + 0.8 * 0.5 * 0.5)
    assert value(wrong, incomplete_factor=1) == pytest.approx(0.6)
    assert value(wrong, incomplete_factor=0, name_share=0.1) == pytest.approx(0.1)
    with pytest.raises(ValueError, match="incomplete_factor"):
        value(wrong, incomplete_factor=2)


CALLS = st.lists(
    st.builds(
        lambda name, arguments: {"name": name, "arguments": arguments},
        st.sampled_from(["book_room", "free_room", "ping", "nope"]),
        st.dictionaries(
            st.sampled_from(["room", "seats", "x"]), st.sampled_from([1, 1.0, True, "a", None, [1]])
        ),
    ),
    max_size=5,
)


def scored(calls: Any, reference: Any, **options: Any) -> Score:
    return tool_calls(sample(calls, {"tool_calls": reference}, None), **options)


@given(CALLS, CALLS)
def test_a_score_and_its_components_are_between_zero_and_one(reference: Any, calls: Any) -> None:
    for ordered in (True, False):
        score = tool_calls(sample(calls, {"tool_calls": reference}, None), tools=None, ordered=ordered)
        assert all(0.0 <= part <= 1.0 for part in (score.value, *score.components.values()))
    known = tool_calls(sample(calls, []))
    assert all(0.0 <= part <= 1.0 for part in (known.value, *known.components.values()))


@given(CALLS, st.randoms(use_true_random=False))
def test_the_reference_in_any_order_earns_everything(reference: Any, order: Any) -> None:
    assert scored(reference, reference, ordered=True).value == pytest.approx(1.0)
    assert scored(order.sample(reference, len(reference)), reference).value == pytest.approx(1.0)


@given(CALLS, CALLS, st.randoms(use_true_random=False))
def test_the_order_of_calls_does_not_change_the_score(reference: Any, calls: Any, order: Any) -> None:
    found, shuffled = scored(calls, reference), scored(order.sample(calls, len(calls)), reference)
    assert shuffled.value == pytest.approx(found.value)
    assert dict(shuffled.components) == pytest.approx(dict(found.components))


@given(CALLS, CALLS)
def test_a_wrong_call_or_argument_more_never_raises_the_score(reference: Any, calls: Any) -> None:
    before = scored(calls, reference).value + 1e-12
    assert scored([*calls, {"name": "other", "arguments": {}}], reference).value <= before
    worse = [{**call, "arguments": {**call["arguments"], "invented": 1}} for call in calls]
    assert scored(worse, reference).value <= before


@given(st.text() | st.text('{}[]",:<>/tool_call name 0123'))
def test_no_text_makes_reading_raise(text: str) -> None:
    assert 0.0 <= value(text) <= 1.0
    assert 0.0 <= value(text, []) <= 1.0
