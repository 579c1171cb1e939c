"""What is wrong with a dataset, where, and how to mend it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from rft.datasets.codes import Code, Severity

MAX_SHOWN: Final = 100  # findings kept in full; the rest is counted by code


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `line` counts from 1, 0 means the file; `path` is a JSON path in the line. Never quotes text."""

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
    """The first findings of each severity, and of each code, in full; all of them counted by code."""

    shown: list[Finding] = field(default_factory=list)
    counts: Counter[tuple[Severity, Code]] = field(default_factory=Counter)
    _kept: Counter[Severity] = field(default_factory=Counter)

    def add(self, finding: Finding) -> None:
        kind = finding.severity, finding.code
        self.counts[kind] += 1
        if self._kept[finding.severity] < MAX_SHOWN or self.counts[kind] == 1:
            self._kept[finding.severity] += 1
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
