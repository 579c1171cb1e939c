"""What an audit leaves behind: a report without text, its hash, a table, a verdict, figures in the run record."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from rft.audit import report as reports
from rft.audit.cost import Cost, per_thousand
from rft.audit.probes import Bank
from rft.audit.table import rows
from rft.cli.progress import fact_of
from rft.cli.run_commands import facts
from rft.planning.prices import price_list
from rft.reward_settings import Judge, Reward, RewardAudit
from rft.rewards.contract import Sample
from rft.rewards.judge_usage import Usage
from rft.runs import manifest
from rft.runs.record import Audit
from rft.runs.report import render_report
from rft.settings import Prices
from tests.unit import audit_world as world
from tests.unit.audit_world import audited, golden, honest_sum, record
from tests.unit.report_world import record as run_record

SECRET = "PRIVATEWORD"
NOTHING = Usage()


def leaky() -> world.Report:
    records = [record(f"{SECRET} prompt {n}", f"{SECRET} answer\n#### {n + 500}") for n in range(20)]
    answers = [golden("bad", f"{SECRET} response", 0.5, 1)]
    return audited(lambda sample: float(SECRET in sample.response), records, golden_answers=answers)


def test_the_report_holds_no_text_of_a_prompt_an_answer_or_a_reference() -> None:
    report = leaky()
    assert not report["passed"]
    assert SECRET not in json.dumps(report)


def test_the_report_is_json_that_any_tool_reads() -> None:
    stored = reports.to_bytes(audited(honest_sum, world.sums()))
    refused: list[str] = []
    assert json.loads(stored, parse_constant=refused.append)["schema"] == "rft-reward-audit/1"
    assert refused == []


def test_the_record_keeps_the_hash_of_the_bytes_that_are_stored() -> None:
    report = audited(honest_sum, world.sums(), golden_answers=[golden("bad", "", 0, 0)])
    kept = reports.summary(report, "key")
    assert kept.sha256 == sha256(reports.to_bytes(report)).hexdigest()
    assert (kept.checked, kept.mean, kept.passed, kept.key) == (25, 0.96, True, "key")
    assert kept.worst_probe_mean == max(
        probe["mean"] for probe in report["probes"] if probe["rule"] == "worthless"
    )


def test_every_breach_has_its_mark_in_the_table() -> None:
    def anywhere(sample: Sample) -> float:
        honest_sum(sample)
        return float(str(world.last_number(sample.reference)) in sample.response)

    report = audited(anywhere, world.sums())
    marked = {row.label for row in rows(report) if row.ok is False}
    assert marked == {"A or B or C, right one first", "A or B or C, right one last", "four whole answers"}
    assert reports.verdict_sentence(report) == "task fails its audit: 3 breaches of its thresholds."


def test_an_audit_that_is_passed_has_no_cross_in_its_table() -> None:
    report = audited(honest_sum, world.sums())
    assert not [row.label for row in rows(report) if row.ok is False]
    assert reports.verdict_sentence(report).startswith("task passes its audit: 24 known answers")
    sections = [row.section for row in rows(report)]
    assert sections == sorted(sections, key=list(dict.fromkeys(sections)).index)


def cost(latencies_ms: list[float], reward: Reward, judge: Usage = NOTHING, alone: int = 4) -> Cost:
    own = Prices(reward_per_gb_second=0.00001, reward_per_million_invocations=0.2)
    prices = price_list("us-east-1", "amazon.nova-2-lite-v1:0:256k", own)
    return per_thousand(latencies_ms, reward, prices, deployed=False, judge=judge, alone=alone)


def test_the_cost_is_lambda_time_at_the_concurrency_and_one_invocation_a_sample() -> None:
    one = cost([100.0, 300.0], Reward(memory_mb=512))
    assert one.lambda_usd == pytest.approx(1000 * 0.2 * 0.5 * 0.00001 + 0.0002)
    eight = cost([200.0], Reward(memory_mb=512, concurrency=8))
    assert eight.lambda_usd == pytest.approx(1000 * 0.2 * 0.5 * 0.00001 / 8 + 0.0002)


def test_tokens_of_a_judge_are_counted_and_their_unknown_price_is_said() -> None:
    judged = Reward(judge=Judge(model="amazon.nova-pro-v1:0"))
    found = cost([1.0], judged, Usage(calls=8, input_tokens=2000, output_tokens=400), alone=4)
    assert (found.judge_input_tokens, found.judge_output_tokens) == (500_000, 100_000)
    assert "500,000 input and 100,000 output tokens of the judge amazon.nova-pro-v1:0" in found.assumption
    assert "price is unknown" in found.assumption
    assert cost([1.0], judged).judge_input_tokens is None


AUDIT = Audit(
    checked=83,
    mean=0.8,
    key="gsm8k/runs/r/audit.json",
    sha256="ab" * 32,
    worst_probe="other_answer",
    worst_probe_mean=0.1,
    constant_mean=0.14,
)


def test_people_and_auditors_see_the_audit_of_a_run() -> None:
    kept = run_record(audit=AUDIT)
    assert fact_of("Audit the reward", kept) == "83 known, mean 0.80; hacks ≤ 0.10"
    assert ("audit report", f"{AUDIT.key} sha256 {'ab' * 8}") in facts(kept)
    assert manifest.build(kept)["audit"]["sha256"] == "ab" * 32
    page = render_report(kept)
    assert "other answer" in page
    assert AUDIT.sha256 in page


def test_records_of_older_versions_are_still_read() -> None:
    kept = run_record(audit=Audit.model_validate({"checked": 64, "mean": 1.0}))
    assert "audit report" not in dict(facts(kept))
    assert "64 known answers" in render_report(kept)


def test_the_documents_name_every_kind_of_probe_and_every_threshold() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/AUDIT.md").read_text(encoding="utf-8")
    kinds = {probe.kind.label for probe in Bank(world.read(world.labels()), 4).probes()} - {"ideal response"}
    table = " ".join(line for line in page.splitlines() if line.startswith("| "))
    assert {label for label in kinds if label.removesuffix(" as reference") not in table} == set()
    assert {name for name in RewardAudit.model_fields if f"`{name}`" not in page} == set()
