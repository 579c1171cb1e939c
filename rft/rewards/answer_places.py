"""Where a response puts its final answer: behind `####`, in `\\boxed{}` or `<answer>`, after "the answer is".

Texts are returned as written, at most `MAX_ANSWER` characters each; reading them is the caller's.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

MAX_CHARACTERS: Final = 100_000  # of a response, counted from its end
MAX_ANSWER: Final = 2_000  # of one answer
MAX_ANSWERS: Final = 64  # different ones; a response with more settles on nothing
MARK: Final = "####"
BOX: Final = "\\boxed"
TAG: Final = "<answer>"

_ANSWER_HEADING: Final = re.compile(
    r"(?:the\s)?(?:final\s|correct\s)?(?:answer|result)(?:\sis)?[ \t:*_=]*", re.IGNORECASE
)
# `#### Step 2: add them` and `#### 2. Add them` are headings of Markdown's fourth level.
_HEADING: Final = re.compile(
    r"(?:step|part|case|phase|stage|problem|question|solution|explanation|calculat|comput|given|analy|underst|find|"
    r"determin|check|verif|conclusion|summary|reason|approach|method|note|day|week|first|second|third)[a-z]*\b"
    r"|[0-9]{1,2}[.)]\s+[a-z]",
    re.IGNORECASE,
)
_SECOND_GUESS: Final = re.compile(
    r"(?:or|alternatively|otherwise|maybe|perhaps)\b[^\n]{0,80}\d|[-+$€£¥]{0,2}\s?\d[\d.,]{0,60}[.%]?\s*$",
    re.IGNORECASE,
)
_BRACES: Final = re.compile(r"\\boxed\s?\{|\\[{}]|[{}]")
_TAGGED: Final = re.compile(r"<answer>([^<]{0,2000})</answer>")
_STATED: Final = re.compile(
    r"\banswer\b(?:\s(?:to|of|for)\s[^\n.:=0-9]{1,60}?)?[*_`\s]{0,4}(?:is|=|:|would be|equals)(?![a-z])[:*_` \t]*",
    re.IGNORECASE,
)


def marked_answers(text: str) -> list[str]:
    """Return the different answers that stand behind marks, in order; a heading `#### Step 1` is none."""
    found: list[str] = []
    if MARK in text:
        found += _distinct(_behind_marks(text))
    if BOX in text:
        found += _distinct(_boxed(text))
    if TAG in text:
        found += _distinct(answer[1] for answer in _TAGGED.finditer(text))
    return found


def stated_answers(text: str) -> list[str]:
    """Return the different answers that follow "the answer is" and "Answer:", in order."""
    return _distinct(_stated(text))


def _distinct(answers: Iterable[str]) -> list[str]:
    seen: dict[str, None] = {}
    for answer in answers:
        seen[answer.strip()[:MAX_ANSWER]] = None
        if len(seen) > MAX_ANSWERS:
            break
    return list(seen)


def _behind_marks(text: str) -> Iterator[str]:
    parts = text.split(MARK)[1:]
    for index, part in enumerate(parts):
        line, _, below = part.partition("\n")
        line = line.strip(" \t\r#*_:")
        if not line or _ANSWER_HEADING.fullmatch(line[:MAX_ANSWER]):
            line, _, below = below.lstrip().partition("\n")
        elif _HEADING.match(line) and (index + 1 < len(parts) or below.strip()):
            continue
        yield line
        following = below.lstrip()[:MAX_ANSWER].partition("\n")[0]
        if _SECOND_GUESS.match(following):
            yield following


def _boxed(text: str) -> Iterator[str]:
    """Contents of boxes with balanced braces; one that is never closed was cut off and counts for nothing."""
    open_braces: list[tuple[bool, int]] = []
    for brace in _BRACES.finditer(text):
        kind = brace[0]
        if kind == "}":
            if open_braces:
                is_box, start = open_braces.pop()
                if is_box:
                    yield text[start : min(brace.start(), start + MAX_ANSWER)]
        elif not kind.startswith(("\\{", "\\}")):
            open_braces.append((kind != "{", brace.end()))


def _stated(text: str) -> Iterator[str]:
    places = list(_STATED.finditer(text))
    ends = [place.start() for place in places[1:]] + [len(text)]
    for place, end in zip(places, ends, strict=False):
        rest = text[place.end() : min(end, place.end() + MAX_ANSWER)]
        line, _, below = rest.partition("\n")
        yield line if line.strip(" \t*_:$") else below.lstrip(" \t\r\n$*").partition("\n")[0]
