"""How many of a prompt's answers are different: what is left of a policy's entropy where nobody publishes it.

Only hashes are compared, and they stay in the process that made them: no text is kept or logged.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rft.rewards.contract import Sample

_CALL_IDS: Final = frozenset({"id", "toolUseId"})  # random, so that equal calls would differ by them


def answer_hash(sample: "Sample") -> int:
    """A hash of an answer's text, blind to case and white space, and of the calls that it makes, without their ids.

    The reasoning before an answer does not count. Python salts the hashes of text: equal answers have equal ones in
    one process only.
    """
    text = " ".join(sample.response.casefold().split())
    calls = _calls(sample.answer)
    return hash((text, _shape(calls))) if calls else hash(text)


def distinct_share(groups: Iterable[Sequence[int]]) -> float | None:
    """The mean of (distinct answers - 1) / (answers - 1) over the prompts with two answers or more.

    Args:
        groups: hashes of the answers of each prompt.

    Returns:
        0 where all answers to a prompt are the same, 1 where no two are; None when no prompt has two.
    """
    shares = [(len(set(group)) - 1) / (len(group) - 1) for group in groups if len(group) > 1]
    return sum(shares) / len(shares) if shares else None


def _calls(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The calls of a message that are no text: `tool_calls` as of OpenAI, or `toolUse` blocks as of Bedrock."""
    made, content = answer.get("tool_calls"), answer.get("content")
    found = [call.get("function") or call for call in _objects(made)]
    found += [block["toolUse"] for block in _objects(content) if "toolUse" in block]
    return [call for call in found if isinstance(call, Mapping)]


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _shape(calls: list[Mapping[str, Any]]) -> str | None:
    kept = [sorted((name, value) for name, value in call.items() if name not in _CALL_IDS) for call in calls]
    try:
        return repr(kept)
    except RecursionError:  # values too deeply nested to be compared must not fail the batch
        return None
