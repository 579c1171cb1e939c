"""Other graders of word problems, as they are commonly used, for comparison in the same run."""

import re
from functools import cache
from typing import Any, Final

from rft.rewards.contract import Sample
from rft.rewards.numeric import final_number

_CLIP: Final = 300  # characters of a response, counted from its end


def strict_regex(sample: Sample) -> float:
    """A strict `#### <number>` pattern and comparison of strings, as in AWS's GSM8K sample and in verl."""
    given = _strict(sample.response[-_CLIP:])
    return float(given is not None and given == _strict(sample.reference))


def _strict(text: str) -> str | None:
    found = re.findall("#### (\\-?[0-9\\.\\,]+)", text)
    return found[-1].replace(",", "").replace("$", "") if found else None


def math_verify(sample: Sample) -> float:
    """math-verify with its defaults: the response parsed as text and LaTeX, then compared with the number."""
    parse, verify = _library()
    return float(verify(parse(_gold(sample.reference)), parse(sample.response)))


@cache
def _library() -> tuple[Any, Any]:
    from math_verify import parse, verify  # type: ignore[import-untyped]

    return parse, verify


@cache
def _gold(reference: str) -> str:
    return str(final_number(reference))
