"""Text that orders a model or a judge about: in training data it is either an attack or a lesson that one must want."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from rft.datasets.checks.port import Conclusion, Fault, Observer, Seen
from rft.datasets.checks.texts import texts_of
from rft.datasets.codes import Code
from rft.datasets.rules import Rules

_WORDS: Final = (
    "ignore",
    "disregard",
    "forget",
    "override",
    "jailbreak",
    "system prompt",
    "<|",
    "[inst]",
    "score",
)
_ORDERS: Final = re.compile(
    r"\b(?:ignore|disregard|forget|override) (?:all |any |the |your |of |these |every )*"
    r"(?:previous |prior |above |earlier |preceding |other |system )*(?:instructions?|rules|prompts?|guidelines)\b"
    r"|\b(?:reveal|print|repeat|show) (?:me )?(?:your |the )system prompt\b"
    r"|\b(?:give|award|assign) (?:it|me|this|(?:this|my|the) (?:answer|response)) (?:a |the )?"
    r"(?:10|ten|100|full|maximum|highest|perfect|top) ?(?:/10|/100|out of 10)? ?(?:points?|marks?|score|grade)\b"
    r"|\bdo anything now\b|<\|(?:im_start|im_end|system|endoftext)\|>|\[/?inst\]",
    re.IGNORECASE,
)


class State(msgspec.Struct):
    """How many texts give orders."""

    found: int = 0


class _Observer:
    def __init__(self) -> None:
        self._found = 0

    def observe(self, record: Mapping[str, Any], line: int) -> Iterable[Fault]:
        for path, text in texts_of(record):
            if gives_orders(text):
                self._found += 1
                what = "the text gives orders to the model or to a judge"
                yield Fault(
                    Code.INJECTION, path, what, "drop the record, unless it is meant to teach resistance"
                )

    def state(self) -> State:
        return State(self._found)


class _Check:
    name = "injection"
    state_type = State

    def observer(self, split: str, rules: Rules) -> Observer:
        return _Observer()

    def conclude(self, seen: Sequence[Seen], rules: Rules) -> Conclusion:
        return Conclusion(statistics={"texts": sum(part.state.found for part in seen)})


CHECK: Final = _Check()


def gives_orders(text: str) -> bool:
    """Whether a text holds one of the known forms of prompt injection."""
    lowered = text.casefold()
    return any(word in lowered for word in _WORDS) and _ORDERS.search(text) is not None
