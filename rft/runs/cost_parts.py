"""The parts of a run record that the estimate writes; money is USD."""

from rft.runs.part import Part


class PlannedValue(Part):
    """A hyperparameter of the job; `source` is use_case.yaml, a preset, or Bedrock's default (value None)."""

    name: str
    value: int | float | str | None
    source: str
    reason: str


class Plan(Part):
    """The hyperparameters that the job gets, each with its reason, and what to think about before training."""

    hyperparameters: list[PlannedValue]
    warnings: list[str] = []

    def api(self) -> dict[str, int | float | str]:
        """The members that have a value, as `rftConfig.hyperParameters` takes them."""
        return {item.name: item.value for item in self.hyperparameters if item.value is not None}


class EstimateLine(Part):
    """One line of the forecast and what it rests on; USD is None when no price is known, and `price` says why."""

    what: str
    quantity: float | None
    quantity_low: float | None = None
    quantity_high: float | None = None
    unit: str
    usd: float | None
    usd_low: float | None = None
    usd_high: float | None = None
    assumption: str
    price: str = ""


class Estimate(Part):
    """Expected cost of a run; the totals are of what is known, `unknown` names the lines without USD."""

    total_usd: float
    low_usd: float = 0.0
    high_usd: float = 0.0
    unknown: list[str] = []
    rollouts: int
    budget_usd: float
    training_usd_per_rollout: float | None = None
    training_usd_per_hour: float | None = None
    lines: list[EstimateLine] = []

    @property
    def told(self) -> str:
        """The total in one phrase, with its range or what it lacks."""
        if self.unknown:
            return f"at least {self.total_usd:,.2f} USD; unknown: {', '.join(self.unknown)}"
        return f"about {self.total_usd:,.2f} USD ({self.low_usd:,.2f} to {self.high_usd:,.2f})"
