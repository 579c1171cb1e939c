"""Regular expressions on responses, in linear time (google-re2). A form to require, not one to pay for: an empty
shell of the right form has it too.
"""

from functools import lru_cache
from typing import Any, Final

from rft.rewards.contract import Sample, Score

MAX_CHARACTERS: Final = 200_000  # a longer response does not match
MAX_PATTERN: Final = 2_000  # characters


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
