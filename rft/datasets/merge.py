"""Merges the parts of all files, in order, and draws the conclusions that need all of them."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from rft import catalogue
from rft.datasets.checks.port import Check, Conclusion, Fault, Placed, Seen
from rft.datasets.codes import Code
from rft.datasets.outcome import FileSummary, Validation
from rft.datasets.rules import Rules
from rft.datasets.scan import Part
from rft.names import TRAIN, VALIDATION

_WHOLE: Final = "$"


def merge(
    parts: Mapping[str, Sequence[Part]],
    rules: Rules,
    checks: Sequence[Check],
    *,
    held_out_from_train: float = 0.0,
) -> Validation:
    """Return the outcome for the parts of each split, each in the file's order.

    Args:
        parts: by split, in the order train, validation, test.
        rules: the limits that the parts were scanned with.
        checks: the checks that they were scanned with.
        held_out_from_train: share of train that the split will take away, in [0, 1): what remains must still
            reach the minimum.
    """
    outcome = Validation()
    seen: dict[str, list[Seen]] = {check.name: [] for check in checks}
    for split, found in parts.items():
        summary = outcome.files[split] = FileSummary()
        for part in found:
            _take_findings(outcome, split, part, summary.lines, rules)
            for check in checks:
                state = msgspec.msgpack.decode(part.states[check.name], type=check.state_type)
                seen[check.name].append(Seen(split, summary.lines, state))
            summary.bytes += part.size
            summary.lines += part.lines
            summary.records += part.records
            summary.too_long += part.too_long
        _check_file(outcome, split, summary, rules)
    _check_counts(outcome, rules, held_out_from_train)
    for check in checks:
        conclusion: Conclusion = check.conclude(seen.pop(check.name), rules)
        outcome.statistics[check.name] = conclusion.statistics
        for placed in conclusion.faults:
            outcome.add(placed, rules)
    return outcome


def _take_findings(outcome: Validation, split: str, part: Part, before: int, rules: Rules) -> None:
    told: dict[str, int] = {}
    for item in part.found:
        outcome.add(Placed(split, before + item.line, item.fault), rules)
        told[item.code] = told.get(item.code, 0) + 1
    for code, count in part.counts.items():
        kind = Code.named(code)
        level = rules.level(kind)
        if level is not None:
            outcome.findings.counts[level, kind] += count - told.get(code, 0)


def _check_file(outcome: Validation, split: str, summary: FileSummary, rules: Rules) -> None:
    if summary.lines == 0:
        fault = Fault(Code.EMPTY_FILE, _WHOLE, "the file is empty", "write one record per line")
        outcome.add(Placed(split, 0, fault), rules)
    if summary.bytes > catalogue.MAX_FILE_BYTES:
        limit = f"{catalogue.MAX_FILE_BYTES / 2**30:g} GB"
        fault = Fault(Code.FILE_TOO_LARGE, _WHOLE, "the file is too large", "leave records out", limit)
        outcome.add(Placed(split, 0, fault), rules)


def _check_counts(outcome: Validation, rules: Rules, held_out: float) -> None:
    train = outcome.files.get(TRAIN, FileSummary())
    left = train.records - round(train.records * held_out)
    usable = left - round(train.too_long * (1 - held_out))
    kept = f" after {held_out:.0%} are held out" if held_out else ""
    add = "add records" + (", or upload validation.jsonl and test.jsonl beside it" if held_out else "")
    least = f"at least {rules.min_training_records}"
    if left < rules.min_training_records:
        fault = Fault(Code.TOO_FEW_RECORDS, _WHOLE, f"{left} training records{kept}", add, least)
        outcome.add(Placed(TRAIN, 0, fault), rules)
    elif usable < rules.min_training_records:
        what = f"{usable} training records{kept} once Bedrock dropped those that are too long"
        shorten = "shorten prompts or raise hyperparameters.maxPromptLength"
        outcome.add(Placed(TRAIN, 0, Fault(Code.TOO_FEW_LEFT, _WHOLE, what, shorten, least)), rules)
    total = train.records + outcome.files.get(VALIDATION, FileSummary()).records
    if total > rules.max_records:
        what = f"{total} records in train and validation"
        most = f"at most {rules.max_records}"
        fault = Fault(Code.TOO_MANY_RECORDS, _WHOLE, what, "keep the most varied ones", most)
        outcome.add(Placed(TRAIN, 0, fault), rules)
