"""What a gold query expects: its rows, which of them are tied, and where its LIMIT cuts."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from rft.rewards.contract import MissingReferenceError
from rft.rewards.sql_compare import Gold
from rft.rewards.sql_parse import UnreadableQueryError, as_sqlite, parse_query
from rft.rewards.sql_run import QueryError, Result, Rows, run

if TYPE_CHECKING:
    from sqlglot import exp

MAX_TIED: Final = 10_000  # rows that are looked at before LIMIT


@lru_cache(maxsize=256)
def gold_of(database: bytes, query: str, dialect: str, max_rows: int) -> Gold:
    """Run a gold query.

    Raises:
        MissingReferenceError: when it is no SELECT, fails or breaks a limit.
    """
    try:
        tree = parse_query(query, dialect)
        asked = run(database, as_sqlite(tree, query, dialect), max_rows=max_rows)
        return _with_ties(database, tree, asked) or _strict(asked, is_ordered=bool(tree.args.get("order")))
    except (UnreadableQueryError, QueryError) as error:
        raise MissingReferenceError(f"the gold query is no use: {error}; mend the record") from None


def gold_rows(rows: Rows, width: int, *, is_ordered: bool) -> Gold:
    """The gold that a list of rows stands for."""
    return _strict(Result(width, rows), is_ordered=is_ordered)


def _strict(asked: Result, *, is_ordered: bool) -> Gold:
    count = len(asked.rows)
    ranks: list[Any] = list(range(count)) if is_ordered else [None] * count
    return Gold(asked.width, asked.rows, ranks, 0, count)


def _with_ties(database: bytes, tree: "exp.Query", asked: Result) -> Gold | None:
    """The gold with all rows before LIMIT and their ranks; None where these cannot be told."""
    start, stop = _window(tree)
    whole = tree.copy()
    whole.set("limit", None)
    whole.set("offset", None)
    terms = _order_terms(whole)
    hidden = [term for term in terms if not isinstance(term, int)]
    if hidden and not _add_columns(whole, hidden):
        return None
    try:
        found = run(database, whole.sql(dialect="sqlite"), max_rows=MAX_TIED)
    except QueryError:
        return None
    places = iter(range(asked.width, found.width))
    keys = [term if isinstance(term, int) else next(places) for term in terms]
    if found.width != asked.width + len(hidden) or not all(0 <= key < found.width for key in keys):
        return None
    rows = [row[: asked.width] for row in found.rows]
    ranks = [tuple(row[key] for key in keys) for row in found.rows]
    stop = min(stop, len(rows)) if stop is not None else len(rows)
    gold = Gold(asked.width, rows, ranks, min(start, stop), stop)
    return gold if len(gold.asked) == len(asked.rows) else None


def _window(tree: "exp.Query") -> tuple[int, int | None]:
    """Offset and end of the rows that LIMIT keeps; a part that is no plain number shows in the number of rows."""
    limit, offset = tree.args.get("limit"), tree.args.get("offset")
    start = _number(offset.expression) if offset else 0
    count = _number(limit.expression) if limit else None
    return start or 0, None if count is None else (start or 0) + count


def _number(node: Any) -> int | None:
    text = node.name if node is not None and node.is_int else ""
    return int(text) if text.isdigit() else None


def _order_terms(tree: "exp.Query") -> list[Any]:
    """Every term of ORDER BY as a column's position in the result, or as an expression that is not in it."""
    order = tree.args.get("order")
    if order is None:
        return []
    names = {name.lower(): index for index, name in reversed(list(enumerate(tree.named_selects)))}
    texts = {select.unalias().sql(): index for index, select in reversed(list(enumerate(tree.selects)))}
    if any(select.is_star for select in tree.selects):
        names, texts = {}, {}
    terms: list[Any] = []
    for ordered in order.expressions:
        term = ordered.this
        if (place := _number(term)) is not None:
            terms.append(place - 1)
        elif term.sql() in texts:
            terms.append(texts[term.sql()])
        elif not getattr(term, "table", "") and term.name.lower() in names and term.key == "column":
            terms.append(names[term.name.lower()])
        else:
            terms.append(term)
    return terms


def _add_columns(tree: "exp.Query", expressions: list[Any]) -> bool:
    """Select the expressions too, where that does not change which rows there are."""
    from sqlglot import exp

    if not isinstance(tree, exp.Select) or tree.args.get("distinct"):
        return False
    tree.select(*(expression.copy() for expression in expressions), copy=False)
    return True
