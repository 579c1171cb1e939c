"""Reads calendar dates in the notations that documents and models use; months in English.

Read: `2025-04-02`, `2025/4/2`, `2025.04.02`, `20250402`, each also before a time (`2025-04-02T00:00:00Z`);
`2 April 2025`, `2nd of Apr. 2025`, `April 2, 2025`, `Wed, 2 Apr 2025`; `02.04.2025` (with dots the day
comes first, DIN 5008); `02/04/2025` and `02-04-2025` when one part is above 12, both are equal, or `day_first`
decides.

Known limits: two-digit years, other languages' months and other calendars are no dates; a time of day and its
zone are ignored.
"""

import re
from datetime import date
from typing import Final

MAX_CHARACTERS: Final = 64
_MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july",
    "august", "september", "october", "november", "december",
)  # fmt: skip
_TIME: Final = r"(?:[T ]\d{1,2}:\d{2}[0-9:.+\-Z ]{0,24})?"
_YEAR_FIRST: Final = re.compile(rf"(\d{{4}})([-/.]?)(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII)
_YEAR_LAST: Final = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.ASCII)
_WEEKDAY: Final = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,? )?"
_DAY: Final = r"(\d{1,2})(?:st|nd|rd|th)?"
_DAY_MONTH: Final = re.compile(rf"{_WEEKDAY}{_DAY}\.?[ -](?:of )?([a-z]{{3,9}})\.?,?[ -](\d{{4}})", re.ASCII)
_MONTH_DAY: Final = re.compile(rf"{_WEEKDAY}([a-z]{{3,9}})\.? {_DAY},? (\d{{4}})", re.ASCII)


def read_date(text: str, *, day_first: bool | None = None) -> date | None:
    """Return the date that a text is, None when it is none or does not say which number is the month.

    Args:
        text: the date and nothing else but white space around it.
        day_first: how `02/04/2025` is read; None reads it only where both ways agree or one is impossible.
    """
    plain = " ".join(text[: MAX_CHARACTERS + 1].split()).casefold()
    if len(text) > MAX_CHARACTERS:
        return None
    if found := _YEAR_FIRST.fullmatch(plain.upper()):
        if not found[2] and len(found[3] + found[4]) < 4:
            return None
        return _date(found[1], found[3], found[4])
    if found := _YEAR_LAST.fullmatch(plain.upper()):
        return _year_last(found, day_first)
    if found := _DAY_MONTH.fullmatch(plain):
        return _date(found[3], _month(found[2]), found[1])
    if found := _MONTH_DAY.fullmatch(plain):
        return _date(found[3], _month(found[1]), found[2])
    return None


def _year_last(found: re.Match[str], day_first: bool | None) -> date | None:
    first, second, year = found[1], found[3], found[4]
    if found[2] == "." or day_first is True:
        return _date(year, second, first)
    if day_first is False:
        return _date(year, first, second)
    either = {_date(year, second, first), _date(year, first, second)} - {None}
    return either.pop() if len(either) == 1 else None


def _month(name: str) -> int:
    if name == "sept":
        return 9
    named = [number for number, month in enumerate(_MONTHS, 1) if name in (month, month[:3])]
    return named[0] if named else 0


def _date(year: str, month: str | int, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
