"""Edits of a program or a query: what wrong, hollow or unfenced answers with code look like."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

_FENCED = re.compile(r"\A(.*?)```(\w*)[ \t]*\n(.*?)\n?```(.*)\Z", re.DOTALL)
_SQL = re.compile(r"\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\s", re.IGNORECASE)
_DEF = re.compile(r"^([ \t]*)def \w+\(.*?\).*?:[ \t]*$", re.MULTILINE)
_DOCSTRING = re.compile(r"\s*(\"{3}|'{3}).*?\1", re.DOTALL)
_TABLE = re.compile(r"\bFROM\s+(\w+)", re.IGNORECASE)
_Edit = tuple[re.Pattern[str], Callable[[str], str]]


def _swap(*pairs: tuple[str, str]) -> tuple[_Edit, ...]:
    return tuple(
        (re.compile(rf"(?<![\w<>=!]){re.escape(old)}(?![\w<>=!])"), lambda _, new=new: new)
        for old, new in pairs
    )


_PYTHON_EDITS: Final[tuple[_Edit, ...]] = (
    (re.compile(r"(?<![\w.])\d+(?![\w.])"), lambda found: str(int(found) + 1)),
    *_swap(("+", "-"), ("-", "+"), ("*", "+"), ("//", "*"), ("%", "//"), ("<", ">="), (">", "<=")),
    *_swap(("<=", ">"), (">=", "<"), ("==", "!="), ("!=", "=="), ("+=", "-="), ("and", "or")),
    *_swap(("or", "and"), ("True", "False"), ("False", "True"), ("min", "max"), ("max", "min")),
    *_swap(("not in", "in"), ("sorted", "list"), ("any", "all"), ("all", "any"), ("sum", "len")),
)
_SQL_EDITS: Final[tuple[_Edit, ...]] = (
    (re.compile(r"(?<![\w.'-])\d+(?![\w.'-])"), lambda found: str(int(found) + 1)),
    (re.compile(r"'[^']{1,60}'"), lambda found: f"{found[:-1]}s'"),
    (re.compile(r"\s+WHERE\s.*?(?=\s+(?:GROUP|ORDER|LIMIT|HAVING)\s|;|\Z)", re.I | re.S), lambda _: ""),
    (re.compile(r"\s+LIMIT\s+\d+", re.I), lambda _: ""),
    (re.compile(r"\bDISTINCT\s+", re.I), lambda _: ""),
    (re.compile(r"\bDESC\b", re.I), lambda _: "ASC"),
    (re.compile(r"(?<=SELECT )\w[\w.]*,\s*", re.I), lambda _: ""),
    *_swap(("=", "<>"), (">", "<"), ("<", ">"), (">=", "<"), ("<=", ">"), ("AND", "OR"), ("AVG", "SUM")),
    *_swap(("MAX", "MIN"), ("MIN", "MAX"), ("SUM", "COUNT"), ("COUNT", "MAX"), ("ASC", "DESC")),
)


@dataclass(frozen=True, slots=True)
class Program:
    """A program with what stands around it; `fence` is None when it is not in a fence."""

    before: str
    fence: str | None
    code: str
    after: str
    is_sql: bool

    def with_code(self, code: str) -> str:
        """The answer with another program in it."""
        if self.fence is None:
            return code
        return f"{self.before}```{self.fence}\n{code}\n```{self.after}"


def find(text: str) -> Program | None:
    """The program that an answer consists of: the first fence, or a query without one; None for other text."""
    fenced = _FENCED.match(text)
    if fenced:
        before, language, code, after = fenced.groups()
        is_sql = language.lower() == "sql" or (not language and _SQL.match(code) is not None)
        return Program(before, language, code, after, is_sql)
    return Program("", None, text, "", is_sql=True) if _SQL.match(text) else None


def refence(program: Program) -> str:
    """The answer with the fence that it lacks, or without the one that it has."""
    if program.fence is not None:
        return program.code
    return f"```sql\n{program.code}\n```"


def wrong(program: Program, random: Random) -> str:
    """The answer with one operator, constant or clause changed, so that it still parses as Python."""
    edits = _SQL_EDITS if program.is_sql else _PYTHON_EDITS
    start = 0 if program.is_sql else _body_start(program.code)
    places = [
        (found.start(), found.end(), change(found[0]))
        for pattern, change in edits
        for found in pattern.finditer(program.code, start)
    ]
    random.shuffle(places)
    for begin, end, replacement in places:
        code = program.code[:begin] + replacement + program.code[end:]
        if program.is_sql or _parses(code):
            return program.with_code(code)
    return far_off(program)


def far_off(program: Program) -> str:
    """The answer with a program of the same signature that gets nothing right."""
    if program.is_sql:
        table = _TABLE.search(program.code)
        return program.with_code(
            " ".join(("SELECT COUNT(*) + 1000 FROM", table[1])) if table else "SELECT NULL"
        )
    return program.with_code(_with_body(program.code, "return None"))


def hollow(program: Program) -> str:
    """The answer's form with nothing in it."""
    return program.with_code("" if program.is_sql else _with_body(program.code, "pass"))


def half(program: Program) -> str:
    """The first half of the program's lines (or words, when it has but one line), in the answer's form."""
    lines = program.code.splitlines()
    if len(lines) > 1:
        return program.with_code("\n".join(lines[: -(-len(lines) // 2)]))
    words = program.code.split()
    return program.with_code(" ".join(words[: -(-len(words) // 2)]))


def _body_start(code: str) -> int:
    head = _DEF.search(code)
    if head is None:
        return 0
    documented = _DOCSTRING.match(code, head.end())
    return documented.end() if documented else head.end()


def _with_body(code: str, body: str) -> str:
    head = _DEF.search(code)
    return f"{code[: head.end()]}\n{head[1]}    {body}" if head else body


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True
