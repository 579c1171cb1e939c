"""EstimateCost: the job's hyperparameters, and what the run will cost, against budgets and approval."""

from typing import Any

from rft.errors import OverBudget
from rft.names import PROBE, TEST, TRAIN, VALIDATION
from rft.planning.forecast import forecast
from rft.planning.presets import Facts, resolve
from rft.planning.usage import Sizes
from rft.planning.verdict import judge
from rft.runs.ledger import MonthlyLimits
from rft.runs.record import RunRecord, TokenSpread
from rft.runs.step import Event, Run, workflow_step


@workflow_step("EstimateCost")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the known part of the estimate in USD and whether a person must agree."""
    settings = run.record.settings
    plan = resolve(settings.use_case, facts(run.record))
    run.set("plan", plan)
    result = forecast(settings, plan, sizes(run.record), run.prices)
    run.set("estimate", result)
    verdict = judge(settings, result)
    if verdict.over:
        raise OverBudget(verdict.over)
    limits = MonthlyLimits(settings.budget_usd_per_month, settings.use_case.budget.usd_per_month)
    run.ledger.reserve(run.id, run.record.attempt, result.total_usd, limits)
    return {"estimate_usd": result.total_usd, "needs_approval": bool(verdict.ask)}


def facts(record: RunRecord) -> Facts:
    """What the presets need to know of the prepared dataset and of the probe."""
    train, held = record.prepared[TRAIN], record.prepared.get(VALIDATION)
    return Facts(
        train=train.records,
        validation=held.records if held else 0,
        longest_prompt_characters=train.longest_prompt_characters,
        too_long=train.too_long,
        answers=answers(record),
    )


def sizes(record: RunRecord) -> Sizes:
    """What the forecast needs to know of the prepared dataset, the probe and the audit."""
    prepared = record.prepared
    counts = {
        split: prepared[split].records if split in prepared else 0 for split in (TRAIN, VALIDATION, TEST)
    }
    return Sizes(
        train=counts[TRAIN],
        validation=counts[VALIDATION],
        test=counts[TEST],
        prompt_characters=prepared[TRAIN].prompt_characters,
        answers=answers(record),
        reward_ms=(record.audit.latency_mean_ms or None) if record.audit else None,
    )


def answers(record: RunRecord) -> TokenSpread | None:
    """Lengths of the base model's answers in the probe."""
    probe = record.evaluations.get(PROBE)
    return probe.output_token_spread if probe else None
