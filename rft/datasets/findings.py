"""What is wrong with a dataset, where, and how to mend it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Literal

Severity = Literal["error", "warning"]
MAX_SHOWN: Final = 100  # findings kept in full; the rest is counted by code


class Code(StrEnum):
    """Kinds of findings; the values appear in validation.json."""

    EMPTY_FILE = "empty_file"
    BYTE_ORDER_MARK = "byte_order_mark"
    CARRIAGE_RETURN = "carriage_return"
    INVALID_UTF8 = "invalid_utf8"
    BLANK_LINE = "blank_line"
    LINE_TOO_LONG = "line_too_long"
    INVALID_JSON = "invalid_json"
    NOT_A_NUMBER = "not_a_number"
    DUPLICATE_KEY = "duplicate_key"
    NOT_AN_OBJECT = "not_an_object"
    MESSAGES_MISSING = "messages_missing"
    MESSAGE_MALFORMED = "message_malformed"
    ROLE_UNKNOWN = "role_unknown"
    ROLE_ORDER = "role_order"
    CONTENT_EMPTY = "content_empty"
    CONTENT_MALFORMED = "content_malformed"
    TOOLS_MALFORMED = "tools_malformed"
    REFERENCE_MISSING = "reference_missing"
    REFERENCE_MALFORMED = "reference_malformed"
    RESERVED_KEY = "reserved_key"
    TOO_FEW_RECORDS = "too_few_records"
    TOO_MANY_RECORDS = "too_many_records"
    PROMPT_TOO_LONG = "prompt_too_long"
    DUPLICATE_PROMPT = "duplicate_prompt"
    LEAKED_PROMPT = "leaked_prompt"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `line` counts from 1, 0 means the file; `path` is a JSON path in the line. Never quotes
    text."""

    file: str
    line: int
    code: Code
    what: str
    fix: str
    path: str = "$"
    limit: str | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        path = "" if self.path == "$" else f" at {self.path}"
        limit = f" (limit: {self.limit})" if self.limit else ""
        return f"{place}{path}: {self.what}{limit}; {self.fix}"

    def to_json(self) -> dict[str, Any]:
        return {
            "severity": self.severity,
            "code": self.code.value,
            "file": self.file,
            "line": self.line,
            "path": self.path,
            "what": self.what,
            "limit": self.limit,
            "fix": self.fix,
        }


@dataclass(slots=True)
class Findings:
    """The first findings in full and all of them counted by code."""

    shown: list[Finding] = field(default_factory=list)
    counts: Counter[tuple[Severity, Code]] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        self.counts[finding.severity, finding.code] += 1
        if sum(item.severity == finding.severity for item in self.shown) < MAX_SHOWN:
            self.shown.append(finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(finding)

    @property
    def errors(self) -> int:
        return self._total("error")

    @property
    def warnings(self) -> int:
        return self._total("warning")

    def of(self, severity: Severity) -> Iterator[Finding]:
        return (finding for finding in self.shown if finding.severity == severity)

    def summary(self) -> str:
        """One line for the run record: how many errors, of which kinds, and the first of them in full."""
        if not self.errors:
            return f"no errors, {self.warnings} warnings"
        kinds = ", ".join(
            f"{n} {code}" for (severity, code), n in self.counts.most_common() if severity == "error"
        )
        return (
            f"{self.errors} error{'s' if self.errors > 1 else ''} ({kinds}); first: {next(self.of('error'))}"
        )

    def to_json(self) -> dict[str, Any]:
        counts = [
            {"severity": severity, "code": code.value, "count": count}
            for (severity, code), count in sorted(self.counts.items())
        ]
        return {
            "errors": self.errors,
            "warnings": self.warnings,
            "counts": counts,
            "findings": [finding.to_json() for finding in self.shown],
        }

    def _total(self, severity: Severity) -> int:
        return sum(count for (kind, _), count in self.counts.items() if kind == severity)
