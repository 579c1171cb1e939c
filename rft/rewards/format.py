"""Checks of form alone: what a program needs to read an answer. Form without substance must not pay, so use
them as requirements or give them little weight: an empty shell of the right form earns all of them.
"""

import re
from collections.abc import Sequence
from typing import Final

from rft.rewards.contract import Sample, Score, content_text
from rft.rewards.words import is_blank

MAX_CHARACTERS: Final = 200_000  # a longer response is not `tagged`
_FINAL_LINE: Final = re.compile(r"####[ \t]*-?[$€£]?[0-9][0-9,]*(?:\.[0-9]+)?[ \t]*\Z")
_TAG_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}\Z")


def ends_with_answer_line(text: str) -> float:
    """Return 1.0 when the text's only `####` opens its last line and a plain number follows, else 0.0."""
    stripped = text.rstrip()
    mark = stripped.rfind("####")
    # One character is found many times faster than four, and mostly the first `#` is the mark's own.
    if mark < 0 or (stripped.find("#") != mark and stripped.find("####") != mark):
        return 0.0
    last = stripped[stripped.rfind("\n") + 1 :].strip()
    return float(_FINAL_LINE.match(last) is not None)


def tagged(sample: Sample, *tags: str) -> Score:
    """Score 1.0 when the response is `<tag>…</tag>` once for each of `tags` (`think`, `answer` when none are
    given), in that order, none empty, one after the other and nothing but white space around, else 0.0.

    All or nothing, because paying by tag pays for tags: a response of bare tags would earn most of it. Tags are
    compared by case, and a tag mentioned in prose counts as one.

    Raises:
        ValueError: when a tag is not a name of letters, digits, `_` and `-`, or is given twice.
    """
    names = tags or ("think", "answer")
    if len(set(names)) != len(names) or not all(_TAG_NAME.match(name) for name in names):
        raise ValueError("tags must be different names of letters, digits, _ and -")
    # The whole text, as the reasoning that is cut off `response` may be one of the tags.
    whole = content_text(sample.answer["content"]) if "content" in sample.answer else sample.response
    fault = _tag_fault(whole, names)
    return Score(0.0, {}, (fault,)) if fault else Score(1.0)


def tag_text(text: str, tag: str) -> str | None:
    """Return what stands between `<tag>` and `</tag>`, stripped; None unless both occur once, in this order. Score
    an answer without its reasoning by `dataclasses.replace(sample, response=tag_text(...) or "")`."""
    opening, closing = f"<{tag}>", f"</{tag}>"
    if text.count(opening) != 1 or text.count(closing) != 1:
        return None
    start, end = text.index(opening) + len(opening), text.index(closing)
    return text[start:end].strip() if start <= end else None


def _tag_fault(text: str, names: Sequence[str]) -> str:
    if len(text) > MAX_CHARACTERS:
        return f"longer than {MAX_CHARACTERS} characters"
    rest = text
    for name in names:
        content = tag_text(text, name)
        if content is None:
            return f"<{name}> does not occur exactly once"
        if is_blank(content):
            return f"<{name}> is empty"
        before, _, after = rest.partition(f"<{name}>")
        _, closed, rest = after.partition(f"</{name}>")
        if before.strip() or not closed:
            return f"text before <{name}>, or tags out of order"
    return "text after the last tag" if rest.strip() else ""
