"""Checks of form alone: what a program needs to read an answer. Form without substance must not pay, so use
them as requirements or give them little weight: an empty shell of the right form earns all of them.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from rft.rewards.contract import Sample, Score

MAX_CHARACTERS: Final = 200_000  # a longer response fails every check here but `ends_with_answer_line`
MAX_PATTERN: Final = 2_000  # characters
_FINAL_LINE: Final = re.compile(r"####[ \t]*-?[$€£]?[0-9][0-9,]*(?:\.[0-9]+)?[ \t]*\Z")
_TAG_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}\Z")


def ends_with_answer_line(text: str) -> float:
    """Return 1.0 when the text's only `####` opens its last line and a plain number follows, else 0.0."""
    stripped = text.rstrip()
    last = stripped[stripped.rfind("\n") + 1 :].strip()
    return float(stripped.count("####") == 1 and _FINAL_LINE.match(last) is not None)


def matches(sample: Sample, pattern: str, *, whole: bool = True, ignore_case: bool = False) -> Score:
    """Score 1.0 when the response, white space around it apart, matches a regular expression, else 0.0.

    `pattern` is in RE2's syntax (Python's without look-around and back-references; counted repetition up to
    1,000) and runs in time linear in the response, whatever both are, unlike Python's `re`; `.` matches line
    breaks. It must match all of the response, or with `whole=False` something in it, which any longer text may
    contain by chance.

    Raises:
        ValueError: when the pattern is longer than 2,000 characters or not RE2 syntax.
    """
    if len(sample.response) > MAX_CHARACTERS:
        return Score(0.0, {}, (f"longer than {MAX_CHARACTERS} characters",))
    compiled = _compiled(pattern, ignore_case)
    # A lone surrogate, which JSON can carry, has no UTF-8 for the engine to read.
    text = sample.response.strip().encode("utf-8", "replace")
    found = compiled.fullmatch(text) if whole else compiled.search(text)
    return Score(1.0) if found else Score(0.0, {}, ("does not match the pattern",))


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
    fault = _tag_fault(sample.response, names)
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
        if not content:
            return f"<{name}> is empty"
        before, _, after = rest.partition(f"<{name}>")
        _, closed, rest = after.partition(f"</{name}>")
        if before.strip() or not closed:
            return f"text before <{name}>, or tags out of order"
    return "text after the last tag" if rest.strip() else ""


@lru_cache(maxsize=64)
def _compiled(pattern: str, ignore_case: bool) -> Any:
    import re2

    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"the pattern is longer than {MAX_PATTERN} characters; split it")
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    options.case_sensitive = not ignore_case
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        detail = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else error
        raise ValueError(f"the pattern is not RE2 syntax: {detail}") from None
