"""A failure as a person reads it: one line, without the wrapping of Lambda and Step Functions."""

import json
from collections.abc import Mapping
from typing import Any, Final

from rft.runs.record import Failure

MAX_CAUSE_CHARACTERS: Final = 1000
WRAPPERS: Final = frozenset({"States.TaskFailed", "Unknown"})  # say nothing of their own


def parse_failure(failure: Mapping[str, Any]) -> Failure:
    """Read `{state, error, cause}` as a Catch leaves it; the cause may be Lambda's JSON, that of an execution
    that was waited for (with Lambda's JSON in it), or plain text."""
    error, message = str(failure.get("error") or "Unknown"), failure.get("cause")
    while isinstance(document := _decoded(message), Mapping):
        inner = document.get("errorMessage") or document.get("Cause") or document.get("Error")
        if error in WRAPPERS:
            error = str(document.get("errorType") or document.get("Error") or error)
        if inner is None or inner == message:
            break
        message = inner
    text = " ".join(str(message or "no cause was given").split())
    if len(text) > MAX_CAUSE_CHARACTERS:
        text = text[: MAX_CAUSE_CHARACTERS - 1] + "…"
    return Failure(state=str(failure.get("state") or "Unknown"), error=error, cause=text)


def _decoded(cause: Any) -> Any:
    if not isinstance(cause, str):
        return cause
    try:
        return json.loads(cause)
    except ValueError:
        return None
