"""Validates the files of a dataset, streaming: memory grows by 8 bytes of hash a record and not with the
records.

Errors would break or waste a training job; warnings are for a person to judge.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rft import catalogue
from rft.datasets.findings import Code, Finding, Findings
from rft.datasets.lines import LineError, decode_lines
from rft.datasets.records import prompt_hash
from rft.datasets.shape import record_faults
from rft.names import TEST, TRAIN
from rft.rewards.contract import content_text

_LEAK_FIX: Final = "remove it from one of the two files, or the comparison with the base model means nothing"


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits that a dataset is held to; counts are of records, `max_prompt_tokens` None means no limit."""

    min_training_records: int
    max_records: int
    reference_required: bool = True
    max_prompt_tokens: int | None = None
    max_line_bytes: int = catalogue.MAX_LINE_BYTES

    @classmethod
    def of(
        cls, model: catalogue.BaseModel, *, reference_required: bool, max_prompt_tokens: int | None
    ) -> "Rules":
        return cls(model.min_training_records, model.max_records, reference_required, max_prompt_tokens)


@dataclass(slots=True)
class Validation:
    """Outcome: records counted per split, and what was found."""

    counts: dict[str, int] = field(default_factory=dict)
    findings: Findings = field(default_factory=Findings)

    @property
    def ok(self) -> bool:
        return self.findings.errors == 0

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "records": self.counts, **self.findings.to_json()}


def validate(
    files: Mapping[str, Iterable[bytes]], rules: Rules, *, held_out_from_train: float = 0.0
) -> Validation:
    """Validate a dataset.

    Args:
        files: per split (train, validation, test) the lines as bytes with their line ends
        (`lines.read_lines`);
            train is required.
        rules: the limits.
        held_out_from_train: share of train that the split will take away, in [0, 1): what remains must still
            reach the minimum.
    """
    outcome = Validation()
    prompts: dict[str, set[int]] = {}
    for split, lines in files.items():
        seen = prompts.setdefault(split, set())
        outcome.counts[split] = _validate_file(
            f"{split}.jsonl", lines, rules, outcome.findings, seen, prompts
        )
    _check_counts(outcome, rules, held_out_from_train)
    return outcome


def _validate_file(
    file: str,
    lines: Iterable[bytes],
    rules: Rules,
    findings: Findings,
    seen: set[int],
    prompts: Mapping[str, set[int]],
) -> int:
    number = records = 0
    for number, value in enumerate(decode_lines(lines, rules.max_line_bytes), start=1):
        if isinstance(value, LineError):
            findings.add(Finding(file, number, value.code, value.what, value.fix, limit=value.limit))
            continue
        faults = list(record_faults(value, reference_required=rules.reference_required))
        records += 1
        for fault in faults:
            findings.add(Finding(file, number, fault.code, fault.what, fault.fix, fault.path))
        if not faults:
            findings.extend(_prompt_findings(file, number, value["messages"], rules, seen, prompts))
    if number == 0:
        findings.add(Finding(file, 0, Code.EMPTY_FILE, "the file is empty", "write one record per line"))
    return records


def _prompt_findings(
    file: str,
    line: int,
    messages: list[dict[str, Any]],
    rules: Rules,
    seen: set[int],
    prompts: Mapping[str, set[int]],
) -> Iterable[Finding]:
    path = "$.messages"
    digest = int(prompt_hash(messages), 16)
    if digest in seen:
        yield Finding(
            file,
            line,
            Code.DUPLICATE_PROMPT,
            "the prompt occurs before",
            "keep one",
            path,
            severity="warning",
        )
    seen.add(digest)
    other = next((s for s in (TRAIN, TEST) if f"{s}.jsonl" != file and digest in prompts.get(s, ())), None)
    if other and TEST in (other, file.removesuffix(".jsonl")):
        what = f"the prompt is in {other}.jsonl too"
        yield Finding(file, line, Code.LEAKED_PROMPT, what, _LEAK_FIX, path)
    elif other:
        what = f"the prompt is in {other}.jsonl too"
        yield Finding(file, line, Code.LEAKED_PROMPT, what, "remove it from one", path, severity="warning")
    tokens = sum(len(content_text(m.get("content"))) for m in messages) / catalogue.CHARACTERS_PER_TOKEN
    if rules.max_prompt_tokens is not None and tokens > rules.max_prompt_tokens:
        yield Finding(
            file,
            line,
            Code.PROMPT_TOO_LONG,
            f"the prompt has about {tokens:.0f} tokens, so Bedrock drops it silently",
            "shorten it or raise hyperparameters.maxPromptLength",
            path,
            f"{rules.max_prompt_tokens} tokens",
            "warning",
        )


def _check_counts(outcome: Validation, rules: Rules, held_out: float) -> None:
    train = outcome.counts.get(TRAIN, 0)
    left = train - round(train * held_out)
    file = f"{TRAIN}.jsonl"
    if left < rules.min_training_records:
        kept = f" after {held_out:.0%} are held out" if held_out else ""
        outcome.findings.add(
            Finding(
                file,
                0,
                Code.TOO_FEW_RECORDS,
                f"{left} training records{kept}",
                "add records" + (", or upload validation.jsonl and test.jsonl beside it" if held_out else ""),
                limit=f"at least {rules.min_training_records}",
            )
        )
    total = train + outcome.counts.get("validation", 0)
    if total > rules.max_records:
        outcome.findings.add(
            Finding(
                file,
                0,
                Code.TOO_MANY_RECORDS,
                f"{total} records in train and validation",
                "keep the most varied ones",
                limit=f"at most {rules.max_records}",
            )
        )
