"""What a validation found out: files, findings, statistics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rft.datasets.checks.port import Placed
from rft.datasets.findings import Finding, Findings
from rft.datasets.rules import Rules


@dataclass(slots=True)
class FileSummary:
    """Counts of one file; `too_long` records are those that Bedrock would drop without a word."""

    bytes: int = 0
    lines: int = 0
    records: int = 0
    too_long: int = 0

    def to_json(self) -> dict[str, int]:
        return {
            "bytes": self.bytes,
            "lines": self.lines,
            "records": self.records,
            "too_long": self.too_long,
        }


@dataclass(slots=True)
class Validation:
    """Outcome by split, what was found, and each check's statistics by its name (JSON data)."""

    files: dict[str, FileSummary] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)
    statistics: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.findings.errors == 0

    @property
    def counts(self) -> dict[str, int]:
        """Records by split."""
        return {split: file.records for split, file in self.files.items()}

    def add(self, placed: Placed, rules: Rules) -> None:
        """Take a fault as a finding, as grave as the rules say."""
        fault, level = placed.fault, rules.level(placed.fault.code)
        if level is not None:
            file = f"{placed.split}.jsonl"
            self.findings.add(
                Finding(file, placed.line, fault.code, fault.what, fault.fix, fault.path, fault.limit, level)
            )

    def to_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "records": self.counts,
            "files": {split: file.to_json() for split, file in self.files.items()},
            **self.findings.to_json(),
            "statistics": self.statistics,
        }
