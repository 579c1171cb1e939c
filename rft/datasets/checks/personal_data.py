"""Personal data: e-mail addresses, telephone numbers, payment cards, bank accounts, US social security numbers.

Cards, accounts and social security numbers count when their check digits or rules hold (python-stdnum). Addresses of
reserved domains (RFC 2606) and telephone numbers kept for fiction (with 555-01) belong to nobody and do not count.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from rft.datasets.checks.port import Conclusion, Fault, Observer, Seen
from rft.datasets.checks.texts import texts_of
from rft.datasets.codes import Code
from rft.datasets.rules import Rules

_EMAIL: Final = re.compile(r"[\w.+-]{1,64}@((?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24})\b")
_RESERVED: Final = re.compile(r"(^|\.)(example(\.(com|net|org|edu))?|test|invalid|localhost)$", re.IGNORECASE)
_PHONE: Final = re.compile(
    r"(?<![\w.])(?:\+\d{1,3}[ .-]?(?:\(\d{1,5}\)[ .-]?)?(?:\d[ .-]?){6,12}\d|\(\d{3}\) ?\d{3}-\d{4})(?!\w)"
)
_FICTION: Final = re.compile(r"555\D?01\d\d")
_CARD: Final = re.compile(r"(?<![\w.,-])(?:\d{4}[ -]){3}\d{1,7}(?![\w-])|(?<![\w.,-])\d{15,16}(?![\w.,-])")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_SSN: Final = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")


class State(msgspec.Struct):
    """How many records have which kind."""

    kinds: dict[str, int] = {}


class _Observer:
    def __init__(self) -> None:
        self._kinds: Counter[str] = Counter()

    def observe(self, record: Mapping[str, Any], line: int) -> Iterable[Fault]:
        for path, text in texts_of(record):
            kinds = sorted(set(kinds_in(text)))
            self._kinds.update(kinds)
            if kinds:
                what = f"the text holds {' and '.join(kinds)}"
                fix = "replace it by made-up data, such as an address at example.com"
                yield Fault(Code.PERSONAL_DATA, path, what, fix)

    def state(self) -> State:
        return State(dict(self._kinds))


class _Check:
    name = "personal_data"
    state_type = State

    def observer(self, split: str, rules: Rules) -> Observer:
        return _Observer()

    def conclude(self, seen: Sequence[Seen], rules: Rules) -> Conclusion:
        kinds: Counter[str] = Counter()
        for part in seen:
            kinds.update(part.state.kinds)
        return Conclusion(statistics={"kinds": dict(kinds.most_common())})


CHECK: Final = _Check()


def kinds_in(text: str) -> Iterator[str]:
    """Yield the kind of each piece of personal data in a text."""
    if "@" in text and any(not _RESERVED.search(found[1]) for found in _EMAIL.finditer(text)):
        yield "an e-mail address"
    if any(not _FICTION.search(found[0]) for found in _PHONE.finditer(text)):
        yield "a telephone number"
    if any(_is_card(found[0]) for found in _CARD.finditer(text)):
        yield "a payment card's number"
    if any(_is_iban(found[0]) for found in _IBAN.finditer(text)):
        yield "a bank account's number"
    if any(_is_ssn(found[0]) for found in _SSN.finditer(text)):
        yield "a social security number"


def _is_card(number: str) -> bool:
    from stdnum import luhn

    digits = re.sub(r"\D", "", number)
    return 13 <= len(digits) <= 19 and digits[0] in "3456" and len(set(digits)) > 2 and luhn.is_valid(digits)


def _is_iban(number: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(number))


def _is_ssn(number: str) -> bool:
    from stdnum.us import ssn

    return bool(ssn.is_valid(number))
