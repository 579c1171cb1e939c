"""Whether an answer ends with its reference, whatever a reward makes of its form."""

import re
from typing import Any

from rft.audit.texts import folded, lines, short_answer
from rft.rewards.contract import unwrap_reference
from rft.rewards.json_text import canonical, find_json
from rft.rewards.numeric import final_number


def says_reference(response: str, reference: Any) -> bool:
    """Compare the last JSON value of an answer, its final number, or its last line with a reference of that kind.

    False where the reference is a long text, or there is none: nothing can be said then.
    """
    plain = unwrap_reference(reference)
    if isinstance(plain, dict | list):
        try:
            return canonical(find_json(response, arrays=True, which="last")) == canonical(plain)
        except ValueError:
            return False
    expected = None if plain is None else short_answer(str(plain))
    if expected is None:
        return False
    number = final_number(expected)
    if number is not None:
        return final_number(response) == number
    said = [line for line in lines(response) if not line.startswith("```")]
    return (
        bool(said) and re.search(rf"(?<!\w){re.escape(folded(expected))}(?!\w)", folded(said[-1])) is not None
    )
