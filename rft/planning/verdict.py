"""What a forecast means for a run: too expensive, to be asked about, or free to go on."""

from dataclasses import dataclass

from rft.runs.cost_parts import Estimate
from rft.settings import RunSettings


@dataclass(frozen=True, slots=True)
class Verdict:
    """`over` says which budget is exceeded, `ask` why a person must agree; each is empty when there is nothing."""

    over: str = ""
    ask: str = ""


def judge(settings: RunSettings, estimate: Estimate) -> Verdict:
    """Compare the known part of a forecast with the budget of one run and the threshold of approval.

    A forecast with an unknown price cannot be compared with a budget, so that a person decides whatever the threshold.
    """
    limit = settings.run_budget_usd
    if estimate.total_usd > limit:
        return Verdict(
            over=f"the run would cost {estimate.told}; {_name(settings)} is {limit:,.2f}; "
            "lower epochs or samples, or raise the budget"
        )
    if estimate.unknown:
        return Verdict(ask=f"no price is known of: {', '.join(estimate.unknown)}")
    threshold = settings.approvals.spend_above_usd
    if threshold is not None and estimate.total_usd > threshold:
        return Verdict(
            ask=f"{estimate.total_usd:,.2f} USD is above approvals.spend_above_usd {threshold:,.2f}"
        )
    return Verdict()


def _name(settings: RunSettings) -> str:
    own = settings.use_case.budget.usd_per_run
    return "budget.usd_per_run" if own == settings.run_budget_usd else "budget_usd_per_run"
