"""Exact value of an arithmetic expression: a shunting-yard over fractions, no `eval`, with caps on every size."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

MAX_TOKENS: Final = 60  # of an expression
MAX_BITS: Final = 2_000  # of a numerator or denominator on the way
MAX_POWER: Final = 64

PERCENT: Final = "%"
NEGATE: Final = "negate"
_PRECEDENCE: Final = {"+": 1, "-": 1, "*": 2, "/": 2, NEGATE: 3, "^": 4}
_RIGHT_TO_LEFT: Final = frozenset({"^", NEGATE})

Token = Fraction | str


class _UndefinedError(ArithmeticError):
    """Division by zero, a size beyond the caps, or no expression at all."""


def evaluate(tokens: Sequence[Token]) -> Fraction | None:
    """Return the value of numbers, `+ - * / ^ ( )` and `%`, which divides what stands before it by 100.

    None when it is no expression, divides by zero, or passes a cap; powers are whole and at most `MAX_POWER`.
    """
    if not 0 < len(tokens) <= MAX_TOKENS:
        return None
    try:
        return _value(_postfix(tokens))
    except (_UndefinedError, IndexError):
        return None


def _postfix(tokens: Sequence[Token]) -> list[Token]:
    output: list[Token] = []
    waiting: list[str] = []
    operand_next = True
    for item in tokens:
        if isinstance(item, Fraction) or item == PERCENT:
            if operand_next != isinstance(item, Fraction):
                raise _UndefinedError
            output.append(item)
            operand_next = False
        elif item == "(":
            if not operand_next:
                raise _UndefinedError
            waiting.append(item)
        elif item == ")":
            if operand_next:
                raise _UndefinedError
            while waiting[-1] != "(":
                output.append(waiting.pop())
            waiting.pop()
        else:
            _push(item, operand_next, output, waiting)
            operand_next = True
    if operand_next or "(" in waiting:
        raise _UndefinedError
    return output + waiting[::-1]


def _push(operator: str, operand_next: bool, output: list[Token], waiting: list[str]) -> None:
    if operand_next:
        if operator != "-":
            raise _UndefinedError
        waiting.append(NEGATE)
        return
    mine = _PRECEDENCE[operator]
    while waiting and waiting[-1] != "(":
        its = _PRECEDENCE[waiting[-1]]
        if its < mine or (its == mine and operator in _RIGHT_TO_LEFT):
            break
        output.append(waiting.pop())
    waiting.append(operator)


def _value(postfix: Sequence[Token]) -> Fraction:
    stack: list[Fraction] = []
    for token in postfix:
        if isinstance(token, Fraction):
            stack.append(token)
        elif token == PERCENT:
            stack.append(stack.pop() / 100)
        elif token == NEGATE:
            stack.append(-stack.pop())
        else:
            right, left = stack.pop(), stack.pop()
            stack.append(_applied(token, left, right))
        if max(stack[-1].numerator.bit_length(), stack[-1].denominator.bit_length()) > MAX_BITS:
            raise _UndefinedError
    return stack.pop()


def _applied(operator: str, left: Fraction, right: Fraction) -> Fraction:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator == "/":
        if right == 0:
            raise _UndefinedError
        return left / right
    if right.denominator != 1 or abs(right) > MAX_POWER or (left == 0 and right < 0):
        raise _UndefinedError
    return Fraction(left ** int(right))
