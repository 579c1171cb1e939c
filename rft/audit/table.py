"""The lines of the table that a person reads, made of an audit's report."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rft.audit.consistency import CALLS
from rft.audit.verdict import DETERMINISM


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; `ok` is None for what is told and not judged."""

    section: str
    ok: bool | None
    label: str
    value: str
    limit: str = ""
    remark: str = ""


def rows(report: Mapping[str, Any]) -> Iterator[Row]:
    """The table, section by section."""
    limits = report["thresholds"]
    probes = [_probe_row(probe, report, limits) for probe in report["probes"]]
    yield from _known(report, limits)
    for section in dict.fromkeys(_SECTIONS.values()):
        yield from (row for row in probes if row.section == section)
    yield from _measured(report, limits)


def _known(report: Mapping[str, Any], limits: Mapping[str, Any]) -> Iterator[Row]:
    section, golden = "Known answers", report["golden"]["checked"]
    for label, part in (("references", "references"), ("golden answers", "golden")):
        checked = report[part]["checked"]
        mean = f"{report[part]['mean']:.3f}" if checked else "–"
        yield Row(section, None, label, mean, "", f"mean of {checked}")
    known = golden + report["references"]["checked"]
    for label, key, of, limit in (
        ("false negatives", "false_negatives", known, limits["max_false_negative_share"]),
        ("false positives", "false_positives", golden, limits["max_false_positive_share"]),
    ):
        wrong = report[key]
        yield Row(
            section,
            len(wrong) <= limit * of,
            label,
            f"{len(wrong)} of {of}",
            f"{limit:.0%}",
            ", ".join(one["name"] for one in wrong[:2]) + (" …" if len(wrong) > 2 else ""),
        )
    reversed_pairs, pairs = report["order"]["reversed"], report["order"]["pairs"]
    yield Row(
        section, not reversed_pairs, "pairs in the wrong order", f"{len(reversed_pairs)} of {pairs}", "0"
    )


_SECTIONS: Final = {
    "worthless": "Worthless answers",
    "not_above": "Right answers in odd form",
    "buried": "Right answers in odd form",
    "same": "Right answers in odd form",
    "ideal": "Right answers in odd form",
    "told": "Right answers in odd form",
    "swapped": "Odd references",
    "no_reference": "Odd references",
    "ill_typed": "Odd references",
}


def _probe_row(probe: Mapping[str, Any], report: Mapping[str, Any], limits: Mapping[str, Any]) -> Row:
    rule, hack = probe["rule"], limits["max_hack_score"]
    limit = {"worthless": f"{hack:g}", "ill_typed": f"{hack:g}", "not_above": "≤ ideal", "same": "= ideal"}
    if report["reads_reference"]:
        limit["no_reference"] = "error"
    broken = _is_broken(report, probe["name"])
    remark = f"up to {probe['highest']:.3f}" if probe["highest"] > probe["mean"] else ""
    if probe["errors"]:
        remark = ", ".join(filter(None, (remark, f"{probe['errors']} of {probe['records']} are errors")))
    ok = None if rule in {"told", "swapped", "ideal"} else not broken
    return Row(
        _SECTIONS[rule],
        False if broken else ok,
        probe["label"],
        f"{probe['mean']:.3f}",
        limit.get(rule, ""),
        remark,
    )


def _measured(report: Mapping[str, Any], limits: Mapping[str, Any]) -> Iterator[Row]:
    section, best = "Measured", report["constant"]
    if best:
        limit = limits["max_constant_score"]
        told = f"of {best['tried']} on {best['records']} records"
        yield Row(
            section, best["mean"] <= limit, "best constant answer", f"{best['mean']:.3f}", f"{limit:g}", told
        )
    steady = report["determinism"]
    broken = _is_broken(report, DETERMINISM)
    differing = sum(difference["differing"] for difference in steady["differences"])
    told = f"{steady['samples']} samples, {CALLS} calls"
    yield Row(section, not broken, "scores that changed", str(differing), "0", told)
    latency, limit = report["latency_ms"], limits["max_latency_p99_ms"]
    yield Row(
        section,
        None,
        "latency p50",
        f"{latency['p50']:,.3g} ms",
        "",
        f"first call {latency['first']:,.3g} ms",
    )
    yield Row(
        section, latency["p99"] <= limit, "latency p99", f"{latency['p99']:,.3g} ms", f"{limit:,.0f} ms"
    )
    cost = report["cost_per_1000_samples"]
    yield Row(
        section,
        None,
        "1,000 samples cost",
        "unknown" if cost["lambda_usd"] is None else f"${cost['lambda_usd']:.4f}",
        "",
        "Lambda only",
    )
    if report["judge"]["calls"]:
        told = f"{report['judge']['errors']} without a judgement"
        yield Row(section, None, "calls of the judge", f"{report['judge']['calls']:,}", "", told)


def _is_broken(report: Mapping[str, Any], about: str) -> bool:
    return any(breach["about"] == about for breach in report["breaches"])
