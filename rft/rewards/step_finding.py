"""Finding the arithmetic that a text does: `48 / 2 = 24`, `48 clips / 2 = 24`, `a = b = c`, `<<48/2=24>>`.

What cannot be read for certain (a variable, an unknown word inside a formula) is left out, so that a right step is
never taken for a wrong one on purpose.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Final

from rft.rewards.expressions import PERCENT, Token, evaluate
from rft.rewards.numeric_text import MAX_DIGITS, normalise

MAX_CHARACTERS: Final = 20_000  # of a response, counted from its end
MAX_STEPS: Final = 200
_MAX_ROUNDING: Final = Fraction(1, 10)  # of the exact value: 1/3 = 0.3 is rounding, 1/300 = 0.0 is not

_ANNOTATION: Final = re.compile(r"<<([^<>\n]{1,200})>>")
_BULLET: Final = re.compile(r"^[ \t]*(?:[-*+•>][ \t]+|[0-9]{1,2}[.)][ \t]+)+", re.MULTILINE)
_TOKEN: Final = re.compile(
    r"(?P<mixed>(?<![0-9.,])[0-9]{1,6}[ ]+[0-9]{1,6}/[0-9]{1,6}(?![0-9.]))"
    r"|(?P<number>[0-9]{1,3}(?P<separator>[ ,])[0-9]{3}(?:(?P=separator)[0-9]{3})*(?![0-9])(?:\.[0-9]+)?"
    r"|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)?)|(?P<money>\$)|(?P<sign>[-+*/^()=≈%])|(?P<space>[ \t]+)|(?P<other>.|\n)"
)
_OPERATORS: Final = frozenset("+-*/^")
_EQUALS: Final = frozenset("=≈")
_WRITTEN: Final = {"times": "*", "plus": "+", "minus": "-"}
# Words that end a formula; any other word behind a number is taken for its unit.
_ENDING: Final = frozenset(
    re.findall(
        r"\w+",
        "a after all an and are as at because before but by during each equals every for from gives has have he her "
        "here his if in into is it makes on or out over per she since so than that the their then there therefore "
        "they this thus to under until was we were which while who will with you",
    )
)
_AFTER_EQUALS: Final = frozenset({"about", "approximately", "roughly", "only", "just", "exactly"})


@dataclass(frozen=True, slots=True)
class Step:
    """One equation between an expression and another: `written` tells equal ones apart, `result` is its right side's
    value; `trivial` when nothing happens in it (`5 * 1 = 5`)."""

    written: tuple[Token, ...]
    result: Fraction
    right: bool
    trivial: bool


@dataclass(slots=True)
class _Side:
    tokens: list[Token] = field(default_factory=list)
    decimals: int = 0  # of the last number as it is written
    readable: bool = True
    approximate: bool = False  # an `≈` stood before it

    @property
    def is_number(self) -> bool:
        return not any(token in _OPERATORS for token in self.tokens[1:])


def find_steps(text: str) -> list[Step]:
    """Return the different equations of a text in which something is calculated, at most `MAX_STEPS`."""
    text = text[-MAX_CHARACTERS:]
    lines = "\n".join([_ANNOTATION.sub("", text), *_ANNOTATION.findall(text)])
    found: dict[tuple[Token, ...], Step] = {}
    for chain in _chains(_BULLET.sub("", normalise(lines))):
        # A number that opens a chain may be a label: "the other 10 = 96 / 6".
        for left, right in pairwise(chain[int(chain[0].is_number) :]):
            step = _step(left, right)
            if step is not None:
                found.setdefault(step.written, step)
        if len(found) >= MAX_STEPS:
            break
    return list(found.values())[:MAX_STEPS]


def _step(left: _Side, right: _Side) -> Step | None:
    if left.is_number and right.is_number:
        return None
    values = [evaluate(side.tokens) if side.readable else None for side in (left, right)]
    if values[0] is None or values[1] is None:
        return None
    shown = right if right.is_number else left
    exact, rounded = (values[0], values[1]) if shown is right else (values[1], values[0])
    fits = _fits(exact, rounded, shown.decimals, right.approximate) if shown.is_number else exact == rounded
    if not fits and PERCENT in (*left.tokens, *right.tokens):  # 10 / 50 * 100 = 20%, 0.2 * 100% = 20
        fits = any(
            _fits(exact, rounded * s, shown.decimals, right.approximate) for s in (100, Fraction(1, 100))
        )
    return Step((*left.tokens, "=", *right.tokens), values[1], fits, fits and _is_trivial(left, right))


def _fits(exact: Fraction, shown: Fraction, decimals: int, approximate: bool) -> bool:
    """Whether a number is another one rounded, or cut after two decimals or more, to the digits it shows."""
    error = abs(exact - shown)
    if error == 0 or (decimals == 0 and not approximate) or error > _MAX_ROUNDING * abs(exact):
        return error == 0
    unit = Fraction(1, 10**decimals)
    cut = decimals >= 2 and abs(shown) <= abs(exact) and error < unit
    return error <= unit / 2 or cut


def _is_trivial(left: _Side, right: _Side) -> bool:
    side = left if right.is_number else right
    neutral = {("+", Fraction(0)), ("-", Fraction(0)), ("*", Fraction(1)), ("/", Fraction(1))}
    pairs = set(pairwise(side.tokens))
    return bool(pairs & neutral) or {(Fraction(0), "+"), (Fraction(1), "*")} & pairs != set()


def _chains(text: str) -> Iterator[list[_Side]]:
    """Runs of readable formulas joined by `=`."""
    reader = _Reader()
    matches = list(_TOKEN.finditer(text))
    for index, match in enumerate(matches):
        kind, written = _kind(match), match[0]
        if kind in ("space", "money"):
            continue
        done = reader.take(kind, written, _attached(matches, index), _next_kind(matches, index))
        if done:
            yield done
    done = reader.flush()
    if done:
        yield done


def _kind(match: re.Match[str]) -> str:
    return str(match.lastgroup)


def _attached(matches: list[re.Match[str]], index: int) -> bool:
    return index > 0 and _kind(matches[index - 1]) != "space"


def _next_kind(matches: list[re.Match[str]], index: int) -> str:
    """What follows a token; a dash is a sign only where its number follows at once."""
    for match in matches[index + 1 : index + (2 if matches[index][0] == "-" else 4)]:
        if _kind(match) not in ("space", "money"):
            return "number" if _kind(match) == "mixed" or match[0] == "(" else _kind(match)
    return "other"


class _Reader:
    """Collects the sides of one chain; `take` returns a chain when a token ends it."""

    def __init__(self) -> None:
        self._sides: list[_Side] = []
        self._side = _Side()
        self._depth = 0
        self._in_prose = False  # the last token was a word

    def take(self, kind: str, written: str, attached: bool, following: str) -> list[_Side] | None:
        in_prose, self._in_prose = self._in_prose, kind == "word"
        if kind in ("number", "mixed"):
            return self._number(written, in_prose)
        if kind == "word":
            return self._word(written.casefold(), attached, following)
        if kind == "other":
            return self.flush()
        opens = written == "(" or (written == "-" and following == "number" and not attached)
        if in_prose and not opens and not self._side.tokens and not self._sides:
            self._side.readable = False  # the formula began before the words
        if written in _EQUALS:
            return self._equals(written)
        if written in "()":
            return self._parenthesis(written, attached)
        self._operator(written)
        return None

    def flush(self) -> list[_Side] | None:
        """End the chain; the equations of it, if there are any."""
        self._close_side()
        done, self._sides = self._sides, []
        return done if len(done) > 1 else None

    def _close_side(self) -> None:
        if self._side.tokens or not self._side.readable:
            self._sides.append(self._side)
        self._side, self._depth = _Side(), 0

    @property
    def _after_operand(self) -> bool:
        last = self._side.tokens[-1] if self._side.tokens else None
        return isinstance(last, Fraction) or last in (")", PERCENT)

    def _number(self, written: str, in_prose: bool) -> list[_Side] | None:
        done = None
        if self._after_operand:
            done = self.flush()
            self._side.readable = in_prose  # `350 000` and `(1/2) 278` mean one formula, `5 boxes 3` two
        plain = written.replace(",", "")
        if "/" not in plain:
            plain = plain.replace(" ", "")
        self._side.decimals = len(plain.partition(".")[2])
        if len(plain) > MAX_DIGITS:
            self._side.readable = False
        elif " " in plain:
            whole, part = plain.split()
            top, bottom = (int(number) for number in part.split("/"))
            self._side.tokens.append(int(whole) + Fraction(top, bottom or 1))
            self._side.readable = self._side.readable and bottom != 0
        else:
            self._side.tokens.append(Fraction(plain))
        return done

    def _word(self, word: str, attached: bool, following: str) -> list[_Side] | None:
        tokens = self._side.tokens
        if self._after_operand:
            fraction = tokens[-1] == PERCENT or "/" in tokens
            if following == "number" and (word == "x" or word in _WRITTEN or (word == "of" and fraction)):
                tokens.append(_WRITTEN.get(word, "*"))
            elif word in _ENDING or word == "of":
                return self.flush()
            elif len(word) == 1 and (attached or word in "xyzn"):
                self._side.readable = False
            return None
        if tokens and tokens[-1] == "/":  # snakes per jaguar
            tokens.pop()
        elif tokens:
            self._side.readable = False
        elif self._sides and word not in _AFTER_EQUALS:
            return self.flush()
        return None

    def _equals(self, written: str) -> list[_Side] | None:
        done = None
        if self._depth > 0:  # an equation inside of brackets: what stands before them is prose
            tokens = self._side.tokens
            start = len(tokens) - tokens[::-1].index("(")
            inner = _Side(tokens[start:], self._side.decimals, self._side.readable)
            self._side.tokens = tokens[: start - 1]
            self._side.readable = False
            done = self.flush()
            self._side = inner
        if not self._side.tokens and self._side.readable:
            return done or self.flush()
        self._close_side()
        self._side.approximate = written == "≈"
        return done

    def _parenthesis(self, written: str, attached: bool) -> list[_Side] | None:
        done = None
        if written == "(":
            if self._after_operand:
                if attached:
                    self._side.tokens.append("*")
                else:
                    done = self.flush()
            self._depth += 1
        elif self._depth == 0:
            return self.flush()
        else:
            self._depth -= 1
        self._side.tokens.append(written)
        return done

    def _operator(self, written: str) -> None:
        if written == PERCENT:
            self._side.readable = self._side.readable and self._after_operand
        elif not self._after_operand and (
            written != "-" or (self._side.tokens and self._side.tokens[-1] == "-")
        ):
            self._side.readable = False
        self._side.tokens.append(written)
