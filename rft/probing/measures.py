"""Counts what a verdict needs while groups pass by; memory does not grow with the texts of answers."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean

from rft.errors import EvaluationFailed
from rft.probing import intervals
from rft.probing.groups import FULL, SAME, Group, is_truncated, is_unparsed
from rft.runs.probe_part import Probe, ProbeSlice

BARS = 10  # of the histogram of mean rewards


@dataclass(slots=True)
class Measures:
    """Sums over groups."""

    means: list[float] = field(default_factory=list)
    by_slice: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    spreads: list[float] = field(default_factory=list)
    noise: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    bars: list[int] = field(default_factory=lambda: [0] * BARS)
    input_tokens: int = 0
    useful: int = 0
    all_zero: int = 0
    all_one: int = 0
    zero: int = 0
    passed: int = 0
    truncated: int = 0
    unparsed: int = 0

    def add(self, group: Group) -> None:
        """Count one prompt."""
        self.means.append(group.mean)
        self.bars[min(BARS - 1, int(group.mean * BARS))] += 1
        if group.slice is not None:
            self.by_slice[group.slice].append(group.mean)
        self.spreads.append(group.spread)
        self.noise += group.noise
        self.useful += group.is_useful
        self.all_zero += group.is_all_zero
        self.all_one += group.is_all_one
        for answer, reward in zip(group.answers, group.rewards, strict=True):
            self.tokens.append(answer.output_tokens)
            self.input_tokens += answer.input_tokens
            self.zero += reward <= SAME
            self.passed += reward >= FULL
            self.truncated += is_truncated(answer)
            self.unparsed += is_unparsed(answer)

    def result(self, *, planned: int, batch: int) -> Probe:
        """What the probe says.

        Args:
            planned: prompts that were to be asked.
            batch: prompts of one training batch.

        Raises:
            EvaluationFailed: when no prompt was answered.
        """
        prompts, samples = len(self.means), len(self.tokens)
        if prompts == 0:
            raise EvaluationFailed("the probe has no answers of the base model; submit the dataset again")
        useful = intervals.share(self.useful, prompts)
        ordered = sorted(self.tokens)
        return Probe(
            prompts=prompts,
            samples=samples,
            failed=planned - prompts,
            mean_reward=fmean(self.means),
            zero_share=self.zero / samples,
            zero_signal_share=1 - useful.value,
            mean=intervals.mean(self.means),
            pass_rate=intervals.share(self.passed, samples),
            all_zero=intervals.share(self.all_zero, prompts),
            all_one=intervals.share(self.all_one, prompts),
            useful=useful,
            useful_per_batch=useful.times(batch),
            spread=fmean(self.spreads),
            noise=intervals.mean(self.noise) if self.noise else None,
            truncated=intervals.share(self.truncated, samples),
            unparsed=intervals.share(self.unparsed, samples),
            input_tokens=self.input_tokens / samples,
            output_tokens=fmean(ordered),
            output_tokens_p10=ordered[samples // 10],
            output_tokens_p95=ordered[min(samples - 1, samples * 95 // 100)],
            bars=list(self.bars),
            slices=[
                ProbeSlice(name=name, prompts=len(found), mean=intervals.mean(found))
                for name, found in sorted(self.by_slice.items())
            ],
        )


def measure(groups: Iterable[Group], *, planned: int, batch: int) -> Probe:
    """Measure all groups of a probe.

    Raises:
        EvaluationFailed: when no prompt was answered.
    """
    measures = Measures()
    for group in groups:
        measures.add(group)
    return measures.result(planned=planned, batch=batch)
