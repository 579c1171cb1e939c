"""Tells for many records at once that none of them has a fault of shape.

The counterpart of `fast` for the rules of `shape`: records with tools, ids or blocks of content are left to those.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

from rft.datasets.messages import FIRST_ONLY, RESERVED_TEXTS, ROLES, order_faults
from rft.datasets.shape import ID_KEY
from rft.names import RECORD_KEY
from rft.rewards.contract import REFERENCE_KEY

_MESSAGE: Final = frozenset({("role", "content"), ("content", "role")})
_NEEDS_A_LOOK: Final = frozenset({RECORD_KEY, ID_KEY, "tools"})


def all_plain(records: Sequence[dict[str, Any]], *, reference_required: bool) -> bool:
    """Whether every record is beyond doubt; False means that some need a look."""
    for keys in set(map(tuple, records)):
        if "messages" not in keys or not _NEEDS_A_LOOK.isdisjoint(keys):
            return False
        if reference_required and REFERENCE_KEY not in keys:
            return False
    references = [record[REFERENCE_KEY] for record in records if REFERENCE_KEY in record]
    conversations = [record["messages"] for record in records]
    return _full(references, (str, dict)) and _full(conversations, (list,)) and _plain_messages(conversations)


def _full(values: Sequence[Any], kinds: tuple[type, ...]) -> bool:
    """Whether all values are of these kinds, and none is empty or blank."""
    found = set(map(type, values))
    return found <= set(kinds) and all(values) and not (str in found and _any_blank(values))


def _any_blank(values: Sequence[Any]) -> bool:
    return any(type(value) is str and value.isspace() for value in values)


def _plain_messages(conversations: Sequence[list[Any]]) -> bool:
    messages = list(chain.from_iterable(conversations))
    if set(map(type, messages)) != {dict} or not set(map(tuple, messages)) <= _MESSAGE:
        return False
    contents = [message["content"] for message in messages]
    if not _full(contents, (str,)) or set(map(type, (message["role"] for message in messages))) != {str}:
        return False
    orders = {tuple([message["role"] for message in conversation]) for conversation in conversations}
    return all(map(_sound_order, orders)) and not _any_reserved("\n".join(contents))


@lru_cache(maxsize=1024)
def _sound_order(roles: tuple[str, ...]) -> bool:
    known = all(role in ROLES and role != "tool" for role in roles)
    return known and not any(role in FIRST_ONLY for role in roles[1:]) and not list(order_faults(roles))


def _any_reserved(text: str) -> bool:
    if "<" not in text and "[" not in text:
        return False
    lowered = text.lower()
    return any(token in lowered for token in RESERVED_TEXTS)
