"""A text as words that can be compared, in linear time, with the standard library alone."""

import string
import unicodedata
from typing import Final

_ARTICLES: Final = frozenset({"a", "an", "the"})
_INVISIBLE: Final = frozenset({"Cc", "Cf"})  # control and format characters
_REMEMBERED: Final = 20_000  # characters of which the answer is kept
_LONG: Final = 40  # characters; a longer run is no word but a script without spaces, or a loop


class _Kept(dict[int, str]):
    """For `str.translate`: every character as it is, punctuation and invisible characters as nothing."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        dropped = character in string.punctuation or category[0] == "P" or category in _INVISIBLE
        kept = "" if dropped and not character.isspace() else character
        if len(self) < _REMEMBERED:
            self[code] = kept
        return kept


_KEPT: Final = _Kept()


def is_blank(text: str) -> bool:
    """Tell whether a text has nothing to see: only white space, control and invisible characters."""
    return all(character.isspace() or unicodedata.category(character) in _INVISIBLE for character in text)


def normalised(text: str, *, articles: bool = True) -> str:
    """Return a text in NFKC, lower-cased, without punctuation, with single spaces; without the articles a, an
    and the unless `articles`.

    The steps of SQuAD's evaluation script v1.1 (Rajpurkar et al. 2016), with Unicode's punctuation and case
    folding. As there, punctuation vanishes without a gap: `3.5` becomes `35` and `-5` becomes `5`, so numbers
    need a block for numbers; `$`, `%` and `+` vanish as well.
    """
    words = unicodedata.normalize("NFKC", text).casefold().translate(_KEPT).split()
    return " ".join(words if articles else (word for word in words if word not in _ARTICLES))


def words(text: str) -> list[str]:
    """Return the normalised words of a text; a run of more than 40 characters without a space is returned
    character by character."""
    found: list[str] = []
    for word in normalised(text).split():
        found += [word] if len(word) <= _LONG else list(word)
    return found
