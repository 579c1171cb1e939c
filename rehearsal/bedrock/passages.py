"""Edits of a passage of prose, such as a summary: what wrong, partial or empty ones look like."""

import re
from random import Random
from typing import Final

from rehearsal.bedrock.answers import MARKED, NUMBER, other_number

MIN_WORDS: Final = 20
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_EMPTY: Final = (
    "The text deals with several matters. They were discussed, and the next steps were agreed.",
    "This is an overview of what happened and of what those involved will do about it.",
)
_MISREAD: Final = (
    "Everything went as planned and nothing further is needed.",
    "It was put off, and nobody has taken it on so far.",
    "The cause is unknown and the matter was closed without a result.",
)


def is_passage(text: str) -> bool:
    """Whether a reference is prose: long enough, and without a marked final answer."""
    return len(text.split()) >= MIN_WORDS and not MARKED.search(text)


def sentences(text: str) -> list[str]:
    """The sentences of a passage, at least one."""
    return _SENTENCE_END.split(text.strip())


def wrong(text: str, random: Random) -> str:
    """The passage with wrong numbers, or with its last sentence misread when it has none."""
    numbers = list(NUMBER.finditer(text))
    if not numbers:
        return " ".join([*sentences(text)[:-1], random.choice(_MISREAD)])
    changed = text
    chosen = random.sample(numbers, -(-len(numbers) // 2))
    # From the end, so that an edit does not shift the places that are still to come.
    for found in sorted(chosen, key=re.Match.start, reverse=True):
        changed = changed[: found.start()] + other_number(found[0], random) + changed[found.end() :]
    return changed


def far_off(text: str, random: Random) -> str:
    """A passage that keeps how the subject is named and misreads the rest."""
    subject = " ".join(text.split()[:6]).rstrip(".,;:")
    return f"{subject} is what the text is about. {random.choice(_MISREAD)}"


def part(text: str) -> str:
    """The first sentence alone, or half of it when there is no other."""
    found = sentences(text)
    words = found[0].split()
    return found[0] if len(found) > 1 else " ".join(words[: len(words) // 2])


def copied(document: str, text: str) -> str:
    """The end of the document, in the length of the passage twice over: copied in the place of summarised."""
    return " ".join(document.split()[-2 * len(text.split()) :])


def empty(random: Random) -> str:
    """A passage that fits every document."""
    return random.choice(_EMPTY)
