"""Checks of form alone. Give them little weight: form without substance must not pay."""

import re
from typing import Final

_FINAL_LINE: Final = re.compile(r"####[ \t]*-?[$€£]?[0-9][0-9,]*(?:\.[0-9]+)?[ \t]*\Z")


def ends_with_answer_line(text: str) -> float:
    """Return 1.0 when the text's only `####` opens its last line and a plain number follows, else 0.0."""
    stripped = text.rstrip()
    last = stripped[stripped.rfind("\n") + 1 :].strip()
    return float(stripped.count("####") == 1 and _FINAL_LINE.match(last) is not None)


def not_longer_than(text: str, characters: int) -> float:
    """Return 1.0 up to a length, then falling in a straight line to 0.0 at twice the length.

    Raises:
        ValueError: when `characters` is not positive.
    """
    if characters <= 0:
        raise ValueError("characters must be above 0")
    return min(1.0, max(0.0, 2.0 - len(text) / characters))
