"""The audit as one JSON document: numbers and names, no text of a prompt, an answer or a reference."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from statistics import fmean
from typing import Any, Final

from rft.audit.cost import per_thousand
from rft.audit.measures import KindResult, Miss, Pair
from rft.audit.subject import Findings, Subject
from rft.audit.verdict import Verdict
from rft.planning.prices import PriceList
from rft.runs.record import Audit
from rft.runs.run_id import canonical_json

SCHEMA: Final = "rft-reward-audit/1"
_DIGITS: Final = 6


def document(
    subject: Subject,
    findings: Findings,
    verdict: Verdict,
    *,
    prices: PriceList,
    function_arn: str | None = None,
) -> dict[str, Any]:
    """Everything that was found; `function_arn` of a deployed reward, None for one in this process."""
    golden = [found.reward for case, found in findings.cases if case.is_golden]
    references = [found.reward for case, found in findings.cases if not case.is_golden]
    cost = per_thousand(
        findings.latencies_ms,
        subject.reward,
        prices,
        deployed=function_arn is not None,
        judge=findings.judge_alone,
        alone=findings.alone,
    )
    best = findings.constant
    worst = max((k for k in verdict.kinds if k.kind.rule == "worthless"), key=lambda k: k.mean, default=None)
    return {
        "schema": SCHEMA,
        "use_case": subject.use_case,
        "reward_function": function_arn,
        "passed": verdict.passed,
        "breaches": [{"about": breach.about, "told": breach.told} for breach in verdict.breaches],
        "thresholds": subject.reward.audit.model_dump(mode="json"),
        "samples": findings.samples,
        "references": {"checked": len(references), "mean": _mean(references)},
        "golden": {"checked": len(golden), "mean": _mean(golden)},
        "false_positives": [_miss(miss) for miss in verdict.false_positives],
        "false_negatives": [_miss(miss) for miss in verdict.false_negatives],
        "order": {"pairs": len(verdict.pairs), "reversed": [_pair(pair) for pair in verdict.disorders]},
        "probes": [_kind(result) for result in verdict.kinds],
        "worst_probe": {"name": worst.kind.name, "mean": _rounded(worst.mean)} if worst else None,
        "reads_reference": verdict.reads_reference,
        "constant": best
        and {
            "name": best.name,
            "mean": _rounded(best.mean),
            "records": best.records,
            "tried": best.tried,
            "share_of_records": _rounded(best.share),
        },
        "determinism": {
            "samples": findings.consistency.samples,
            "differences": [
                {"what": d.what, "differing": d.differing, "largest": _rounded(d.largest)}
                for d in findings.consistency.differences
            ],
            "broken_samples_rewarded": findings.consistency.broken_rewarded,
        },
        "latency_ms": {
            "first": round(findings.first_ms, 3),
            "mean": round(fmean(findings.latencies_ms), 3) if findings.latencies_ms else 0.0,
            "p50": round(verdict.latency_p50_ms, 3),
            "p99": round(verdict.latency_p99_ms, 3),
            "samples": len(findings.latencies_ms),
        },
        "judge": {
            "calls": findings.judge.calls,
            "input_tokens": findings.judge.input_tokens,
            "output_tokens": findings.judge.output_tokens,
            "errors": findings.judge.errors,
        },
        "cost_per_1000_samples": {
            "lambda_usd": None if cost.lambda_usd is None else _rounded(cost.lambda_usd),
            "judge_input_tokens": cost.judge_input_tokens,
            "judge_output_tokens": cost.judge_output_tokens,
            "assumption": cost.assumption,
        },
    }


def to_bytes(report: Mapping[str, Any]) -> bytes:
    """The report as it is stored."""
    return canonical_json(report) + b"\n"


def summary(report: Mapping[str, Any], key: str) -> Audit:
    """What the run record keeps of a report that is stored under `key`."""
    known, worst, best = report["golden"]["checked"], report["worst_probe"], report["constant"]
    checked = known + report["references"]["checked"]
    total = known * report["golden"]["mean"] + report["references"]["checked"] * report["references"]["mean"]
    return Audit(
        checked=checked,
        mean=_rounded(total / checked) if checked else 0.0,
        passed=report["passed"],
        key=key,
        sha256=sha256(to_bytes(report)).hexdigest(),
        worst_probe=worst["name"] if worst else "",
        worst_probe_mean=worst["mean"] if worst else 0.0,
        constant_mean=best["mean"] if best else 0.0,
        latency_p99_ms=report["latency_ms"]["p99"],
        latency_mean_ms=report["latency_ms"]["mean"],
    )


def verdict_sentence(report: Mapping[str, Any]) -> str:
    """The outcome in one sentence."""
    name, breaches = report["use_case"], len(report["breaches"])
    if breaches:
        return f"{name} fails its audit: {breaches} breach{'' if breaches == 1 else 'es'} of its thresholds."
    tried = f"{report['golden']['checked'] + report['references']['checked']} known answers"
    worst = report["worst_probe"]
    told = f"; the best worthless answer earns {worst['mean']:.2f}" if worst else ""
    best = report["constant"]
    told += f", the best constant answer {best['mean']:.2f}" if best else ""
    return f"{name} passes its audit: {tried} score as they should{told}."


def _miss(miss: Miss) -> dict[str, Any]:
    return {
        "name": miss.name,
        "score": _rounded(miss.score),
        "minimum": miss.minimum,
        "maximum": miss.maximum,
        "error": miss.error,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "better": pair.better,
        "worse": pair.worse,
        "better_score": _rounded(pair.better_score),
        "worse_score": _rounded(pair.worse_score),
    }


def _kind(result: KindResult) -> dict[str, Any]:
    return {
        "name": result.kind.name,
        "label": result.kind.label,
        "rule": result.kind.rule,
        "records": result.records,
        "mean": _rounded(result.mean),
        "highest": _rounded(result.highest),
        "errors": result.errors,
        "offending_records": list(result.offending),
    }


def _mean(values: Sequence[float]) -> float:
    return _rounded(fmean(values)) if values else 0.0


def _rounded(value: float) -> float:
    return round(value, _DIGITS)
