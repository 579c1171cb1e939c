"""Filtering, sorting and paging of the list operations."""

from collections.abc import Sequence
from typing import Any

from rehearsal.bedrock.errors import invalid

DEFAULT_PAGE = 100


def page(
    rows: Sequence[dict[str, Any]], params: dict[str, Any], time_name: str, name_name: str
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of summaries and the token of the next, after the request's filters."""
    chosen = [
        row
        for row in rows
        if params.get("nameContains", "") in row[name_name]
        and (params.get("statusEquals") in (None, row.get("status", row.get("modelStatus"))))
        and ("creationTimeAfter" not in params or row[time_name] > params["creationTimeAfter"])
        and ("creationTimeBefore" not in params or row[time_name] < params["creationTimeBefore"])
        and ("createdAfter" not in params or row[time_name] > params["createdAfter"])
        and ("createdBefore" not in params or row[time_name] < params["createdBefore"])
    ]
    chosen.sort(key=lambda row: row[time_name], reverse=params.get("sortOrder", "Descending") == "Descending")
    token = params.get("nextToken", "0")
    if not token.isdecimal() or int(token) > len(chosen):
        raise invalid("1 validation error detected: Value at 'nextToken' is not a token of this list")
    start = int(token)
    end = start + int(params.get("maxResults", DEFAULT_PAGE))
    return chosen[start:end], str(end) if end < len(chosen) else None
