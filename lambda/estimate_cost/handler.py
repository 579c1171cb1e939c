"""EstimateCost: what the run will cost, against the budget and the threshold of approval."""

from typing import Any

from rft.errors import OverBudget
from rft.evaluation.batch import BASE
from rft.evaluation.cost import Sizes, estimate
from rft.names import PROBE, TEST, TRAIN, VALIDATION
from rft.runs.record import RunRecord
from rft.runs.step import Event, Run, workflow_step


@workflow_step("EstimateCost")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the estimate in USD and whether a person must agree."""
    settings = run.record.settings
    result = estimate(settings, sizes(run.record))
    run.set("estimate", result)
    if result.total_usd > settings.budget_usd_per_run:
        raise OverBudget(
            f"the run would cost about {result.total_usd:.2f} USD; budget_usd_per_run is "
            f"{settings.budget_usd_per_run:.2f}; lower epochs or samples, or raise the budget"
        )
    threshold = settings.approvals.spend_above_usd
    return {
        "estimate_usd": result.total_usd,
        "needs_approval": threshold is not None and result.total_usd > threshold,
    }


def sizes(record: RunRecord) -> Sizes:
    """What the estimate needs to know of the prepared dataset and of the probe."""
    probe, prepared = record.evaluations.get(PROBE), record.prepared
    counts = {
        split: prepared[split].records if split in prepared else 0 for split in (TRAIN, VALIDATION, TEST)
    }
    return Sizes(
        train=counts[TRAIN],
        validation=counts[VALIDATION],
        test=counts[TEST],
        prompt_characters=prepared[TRAIN].prompt_characters,
        response_tokens=(probe.output_tokens_by_target.get(BASE) or None) if probe else None,
    )
