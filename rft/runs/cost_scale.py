"""Forecast, real use and budget of a run on one scale."""

from dataclasses import dataclass

from rft.runs.record import RunRecord


@dataclass(frozen=True, slots=True)
class CostScale:
    """Places in percent of the scale's length; amounts in USD; None is unknown."""

    low: float
    high: float
    expected: float
    budget: float
    spent: float | None
    expected_usd: float
    budget_usd: float
    spent_usd: float | None


def cost_scale(record: RunRecord) -> CostScale | None:
    """The scale of a run with a forecast; it ends where the largest of its amounts does."""
    estimate, spent = record.estimate, record.spent_usd
    if estimate is None:
        return None
    budget = record.settings.run_budget_usd
    low, high = estimate.low_usd or estimate.total_usd, estimate.high_usd or estimate.total_usd
    end = max(budget, high, estimate.total_usd, spent or 0.0)

    def place(usd: float) -> float:
        return round(100 * usd / end, 2)

    return CostScale(
        place(low),
        place(high),
        place(estimate.total_usd),
        place(budget),
        None if spent is None else place(spent),
        estimate.total_usd,
        budget,
        spent,
    )
