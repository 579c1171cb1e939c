"""Edits of tool calls: `{"tool_calls": [{"name", "arguments"}]}` or one such call."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final

from rehearsal.bedrock import answers

Calls = list[dict[str, Any]]
_ARGUMENTS: Final = ("arguments", "input", "parameters")
_INVENTED: Final = {"name": "send_message", "arguments": {"text": "Done."}}


def place(reference: Any) -> str | None:
    """The key under which an answer lists its calls; None when it is no answer of calls."""
    if not isinstance(reference, Mapping) or len(reference) != 1:
        return None
    ((name, value),) = reference.items()
    listed = isinstance(value, list) and all(_is_call(item) for item in value)
    return str(name) if listed and ("call" in name or value) else None


def _is_call(value: Any) -> bool:
    return isinstance(value, Mapping) and "name" in value and any(key in value for key in _ARGUMENTS)


def wrong(reference: Mapping[str, Any], key: str, random: Random, mistakes: int = 1) -> dict[str, Any]:
    """The answer with a wrong argument, another tool, a call too few or one too many; several times."""
    calls: Calls = [dict(call) for call in reference[key]]
    made = 0
    while made < mistakes or calls == reference[key]:  # one mistake may undo another
        calls = (random.choice(_MISTAKES) if calls else _invent)(calls, random)
        made += 1
    return {key: calls}


def without_one(reference: Mapping[str, Any], key: str, random: Random) -> dict[str, Any]:
    """The answer without one of its calls, or without an argument when it has but one call."""
    calls: Calls = [dict(call) for call in reference[key]]
    return {key: _drop(calls, random) if len(calls) > 1 else _forget_argument(calls, random)}


def with_more(reference: Mapping[str, Any], key: str, random: Random) -> dict[str, Any]:
    """The answer with an argument that nobody asked for, or with a call of a tool that does not exist."""
    calls: Calls = [dict(call) for call in reference[key]]
    if not calls:
        return {key: _invent(calls, random)}
    chosen = random.randrange(len(calls))
    return {key: _edited(calls, chosen, lambda given: {**given, "note": "as asked"})}


def _edited(
    calls: Sequence[dict[str, Any]], chosen: int, edit: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> Calls:
    key = next(name for name in _ARGUMENTS if name in calls[chosen])
    changed = {**calls[chosen], key: edit(calls[chosen][key] or {})}
    return [*calls[:chosen], changed, *calls[chosen + 1 :]]


def _wrong_argument(calls: Calls, random: Random) -> Calls:
    chosen = random.randrange(len(calls))
    return _edited(calls, chosen, lambda given: answers.wrong_fields(given, 1, random))


def _forget_argument(calls: Calls, random: Random) -> Calls:
    if not calls:
        return calls
    return _edited(calls, 0, lambda given: answers.without_fields(given, random) if given else given)


def _wrong_tool(calls: Calls, random: Random) -> Calls:
    chosen = random.randrange(len(calls))
    verb, _, thing = str(calls[chosen]["name"]).partition("_")
    name = random.choice((f"get_{thing or verb}", f"{verb}_item", f"{verb}_{thing}_now"))
    return [*calls[:chosen], {**calls[chosen], "name": name}, *calls[chosen + 1 :]]


def _drop(calls: Calls, random: Random) -> Calls:
    chosen = random.randrange(len(calls))
    return [*calls[:chosen], *calls[chosen + 1 :]]


def _invent(calls: Calls, _: Random) -> Calls:
    return [*calls, dict(_INVENTED)]


_MISTAKES: Final = (_wrong_argument, _wrong_argument, _wrong_argument, _wrong_tool, _drop, _invent)
