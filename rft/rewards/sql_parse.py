"""Finds the query in a response and reads it, without running it.

Parsing is bounded before it begins: sqlglot is Python, cannot be interrupted, and needs exponential time for some
deep nestings, `STRUCT(STRUCT(...` for one.
"""

import logging
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlglot import exp

MAX_RESPONSE: Final = 50_000  # characters; a longer response holds no query
MAX_CHARACTERS: Final = 8_000  # of a query
MAX_DEPTH: Final = 24  # of brackets
MAX_TYPES: Final = 5  # of these after names of types, such as DATE(: each doubles the time to parse
MAX_TABLES: Final = 64  # read by a query, common table expressions written out
_FENCE: Final = re.compile(r"^[ \t]{0,3}```[ \t]*([A-Za-z0-9_+-]{0,20})[ \t]*\n", re.MULTILINE)
_LANGUAGES: Final = frozenset({"", "sql", "sqlite", "sqlite3"})
_OPENING: Final = frozenset({"L_PAREN", "L_BRACKET", "L_BRACE"})
_CLOSING: Final = frozenset({"R_PAREN", "R_BRACKET", "R_BRACE"})


class UnreadableQueryError(ValueError):
    """A response without one readable query; the message never quotes it."""


def find_query(text: str, dialect: str) -> str:
    """Return the query that a response gives: the content of its fence of SQL, or the whole text without fences.

    Raises:
        UnreadableQueryError: when there is none, or several that differ by more than white space, or one that is
            too long.
    """
    if len(text) > MAX_RESPONSE:
        raise UnreadableQueryError(f"the response is longer than {MAX_RESPONSE} characters")
    queries = {" ".join(query.split()): query for query in _candidates(text, dialect) if query.strip()}
    if len(queries) != 1:
        raise UnreadableQueryError("several different queries" if queries else "no query")
    query = next(iter(queries.values())).strip()
    if len(query) > MAX_CHARACTERS:
        raise UnreadableQueryError(f"the query is longer than {MAX_CHARACTERS} characters")
    return query


def _candidates(text: str, dialect: str) -> list[str]:
    if "```" not in text:
        return [text]
    found, position = [], 0
    while opening := _FENCE.search(text, position):
        end = text.find("```", opening.end())
        if end < 0:
            break
        if opening[1].lower() in _LANGUAGES | {dialect}:
            found.append(text[opening.end() : end])
        position = end + 3
    return found


def parse_query(query: str, dialect: str) -> "exp.Query":
    """Return the syntax tree of a query: one statement that is a SELECT, WITH ... SELECT or a set operation.

    Raises:
        UnreadableQueryError: when it is anything else, or too deep or wide to be read in bounded time.
    """
    import sqlglot
    from sqlglot import exp

    # sqlglot's warnings quote the query, and no text of a model belongs into a log.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    try:
        _check_shape(query, dialect)
        statements = [tree for tree in sqlglot.parse(query, read=dialect) if tree is not None]
        wanted = [tree for tree in statements if not isinstance(tree, exp.Semicolon)]
        if len(wanted) != 1:
            raise UnreadableQueryError("not exactly one statement")
        tree = wanted[0].unnest() if isinstance(wanted[0], exp.Subquery) else wanted[0]
        if not isinstance(tree, exp.Select | exp.SetOperation) or tree.find(exp.Into, exp.DML, exp.DDL):
            raise UnreadableQueryError("not a SELECT")
        _check_width(tree)
    except UnreadableQueryError:
        raise
    except Exception as error:  # noqa: BLE001 (hostile text takes its parser beyond the errors it declares)
        raise UnreadableQueryError(f"not SQL ({type(error).__name__})") from None
    return tree


def as_sqlite(tree: "exp.Query", query: str, dialect: str) -> str:
    """Return the query as SQLite reads it: itself, or translated from another dialect.

    Raises:
        UnreadableQueryError: when it cannot be translated.
    """
    from sqlglot.errors import ErrorLevel

    if dialect == "sqlite":
        return query
    try:
        return tree.sql(dialect="sqlite", unsupported_level=ErrorLevel.IGNORE)
    except Exception as error:  # noqa: BLE001 (as above)
        raise UnreadableQueryError(f"not translatable ({type(error).__name__})") from None


def _check_shape(query: str, dialect: str) -> None:
    from sqlglot import Dialect, TokenType

    known = Dialect.get_or_raise(dialect)
    types = {*known.parser_class.TYPE_TOKENS, TokenType.PSEUDO_TYPE, TokenType.OBJECT_IDENTIFIER}
    open_: list[bool] = []  # for every open bracket whether it follows the name of a type
    before = None
    for token in known.tokenize(query):
        kind = token.token_type.name
        if kind == "CONNECT_BY":  # a failure in it changes sqlglot's parser for all later queries
            raise UnreadableQueryError("CONNECT BY is not supported")
        if kind in _OPENING:
            open_.append(before in types)
        elif kind in _CLOSING and open_:
            open_.pop()
        if len(open_) > MAX_DEPTH or sum(open_) > MAX_TYPES:
            raise UnreadableQueryError(f"brackets nested deeper than {MAX_DEPTH}, or {MAX_TYPES} after types")
        before = token.token_type


def _check_width(tree: "exp.Query") -> None:
    """Common table expressions that read each other twice double SQLite's work before it can be stopped."""
    from sqlglot import exp

    sizes: dict[str, int] = {}
    for cte in reversed(list(tree.find_all(exp.CTE, bfs=False))):
        sizes.setdefault(cte.alias_or_name.lower(), 1)
    for _ in range(len(sizes)):
        before = dict(sizes)
        for cte in tree.find_all(exp.CTE):
            name = cte.alias_or_name.lower()
            read = sum(
                before.get(t.name.lower(), 1) for t in cte.find_all(exp.Table) if t.name.lower() != name
            )
            sizes[name] = min(MAX_TABLES + 1, max(1, read))
        if sizes == before:
            break
    total = sum(sizes.get(table.name.lower(), 1) for table in tree.find_all(exp.Table))
    if total > MAX_TABLES:
        raise UnreadableQueryError(f"reads more than {MAX_TABLES} tables")
