"""The part of a run record that the probe writes."""

from rft.runs.part import Part


class Interval(Part):
    """A measured value with its 95 % confidence interval; `format(interval, "%")` tells it in percent."""

    value: float
    low: float
    high: float

    def times(self, factor: float) -> "Interval":
        return Interval(value=self.value * factor, low=self.low * factor, high=self.high * factor)

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"

    def __format__(self, spec: str) -> str:
        if spec != "%":
            return str(self)
        return f"{100 * self.value:.0f} % ({100 * self.low:.0f} to {100 * self.high:.0f})"


class ProbeSlice(Part):
    """The probe's prompts of one slice."""

    name: str
    prompts: int
    mean: Interval


class Probe(Part):
    """The base model tried before training.

    Shares of prompts: in `all_zero` every answer earns nothing, in `all_one` everything, in `useful` answers differ
    (`zero_signal_share` is the rest). Shares of answers: `pass_rate` earns everything, `truncated` was cut off,
    `unparsed` ends with the reference and earns less than half. `spread` is the mean standard deviation within a
    prompt, `noise` the mean distance of two scorings of one answer, `bars` prompts by mean reward in ten steps. Tokens
    are by answer. `report` (JSON) and `page` (HTML) are S3 URIs.
    """

    prompts: int
    samples: int
    failed: int = 0
    mean_reward: float
    zero_share: float
    zero_signal_share: float
    mean: Interval
    pass_rate: Interval
    all_zero: Interval
    all_one: Interval
    useful: Interval
    useful_per_batch: Interval
    spread: float
    noise: Interval | None = None
    truncated: Interval
    unparsed: Interval
    input_tokens: float = 0.0
    output_tokens: float = 0.0
    output_tokens_p10: int = 0
    output_tokens_p95: int = 0
    bars: list[int] = []
    slices: list[ProbeSlice] = []
    verdict: str = ""
    reasons: list[str] = []
    warnings: list[str] = []
    report: str = ""
    page: str = ""
