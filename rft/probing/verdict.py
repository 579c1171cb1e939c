"""Whether training is worth its cost. A verdict needs evidence: it stops a run only where the whole 95 % interval lies
beyond the limit, and warns where the measured value does."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rft.runs.probe_part import Probe
from rft.settings import Probe as Limits

WARN_TRUNCATED: Final = 0.05
WARN_UNPARSED: Final = 0.1
FEW_USEFUL: Final = 8  # prompts of a batch: half of the smallest batch that Bedrock takes


class Verdict(StrEnum):
    """What the base model's answers say of training on these prompts with this reward, the gravest first."""

    NOISY = "noisy"
    TRUNCATED = "truncated"
    FORMAT_BOUND = "format-bound"
    TOO_HARD = "too-hard"
    TOO_EASY = "too-easy"
    FLAT = "flat"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing found; `stops` when the evidence for it is enough not to train."""

    verdict: Verdict
    stops: bool
    text: str


def reasons(probe: Probe, limits: Limits) -> list[Reason]:
    """Everything found, what stops a run first, by gravity."""
    order = list(Verdict)
    return sorted(_found(probe, limits), key=lambda reason: (not reason.stops, order.index(reason.verdict)))


def verdict(found: list[Reason]) -> Verdict:
    """The gravest reason that stops, else ready."""
    return found[0].verdict if found and found[0].stops else Verdict.READY


def _found(probe: Probe, limits: Limits) -> Iterator[Reason]:
    of = f"of {probe.prompts} prompts"
    noise, limit = probe.noise, limits.max_noise
    if noise is not None and noise.value > limit:
        yield Reason(
            Verdict.NOISY,
            noise.low > limit,
            f"the same answer is scored {noise} apart from one scoring to the next (probe.max_noise {limit:g}): make "
            "the reward deterministic; ask a judge at temperature 0 and take the median of several votes",
        )
    if probe.truncated.value > min(WARN_TRUNCATED, limits.max_truncated_share):
        yield Reason(
            Verdict.TRUNCATED,
            probe.truncated.low > limits.max_truncated_share,
            f"{probe.truncated:%} of the answers are cut off at hyperparameters.inferenceMaxTokens "
            f"(probe.max_truncated_share {limits.max_truncated_share:g}): raise it; 95 % of the answers need at most "
            f"{probe.output_tokens_p95} tokens, those that were cut off more",
        )
    if probe.unparsed.value > min(WARN_UNPARSED, limits.max_unparsed_share):
        yield Reason(
            Verdict.FORMAT_BOUND,
            probe.unparsed.low > limits.max_unparsed_share,
            f"{probe.unparsed:%} of the answers end with the reference and earn less than half "
            f"(probe.max_unparsed_share {limits.max_unparsed_share:g}): ask in the prompt for the format "
            "that the reward parses, or parse more",
        )
    if probe.all_zero.value > limits.max_all_zero_share or probe.mean.value < limits.min_mean_reward:
        yield Reason(
            Verdict.TOO_HARD,
            probe.all_zero.low > limits.max_all_zero_share or probe.mean.high < limits.min_mean_reward,
            f"every answer earns nothing for {probe.all_zero:%} {of}, the mean reward is {probe.mean} "
            f"(probe.max_all_zero_share {limits.max_all_zero_share:g}, probe.min_mean_reward "
            f"{limits.min_mean_reward:g}): reinforcement has nothing to build on; tune the model with supervision "
            "first, let the reward give partial credit, or train on easier prompts (rft probe --subset easier)",
        )
    if probe.all_one.value > limits.max_all_one_share or probe.mean.value > limits.max_mean_reward:
        yield Reason(
            Verdict.TOO_EASY,
            probe.all_one.low > limits.max_all_one_share or probe.mean.low > limits.max_mean_reward,
            f"every answer earns everything for {probe.all_one:%} {of}, the mean reward is {probe.mean} "
            f"(probe.max_all_one_share {limits.max_all_one_share:g}, probe.max_mean_reward "
            f"{limits.max_mean_reward:g}): little is left to learn; use the base model, or harder prompts "
            "(rft probe --subset harder)",
        )
    yield from _signal(probe, limits, of)


def _signal(probe: Probe, limits: Limits, of: str) -> Iterator[Reason]:
    told = f"answers to the same prompt earn different rewards for {probe.useful:%} {of}"
    if probe.useful.value < limits.min_useful_share:
        yield Reason(
            Verdict.FLAT,
            probe.useful.high < limits.min_useful_share,
            f"{told} (probe.min_useful_share {limits.min_useful_share:g}): where they earn the same there is no "
            "advantage and nothing to learn; let the reward tell more answers apart, or choose other prompts",
        )
    elif probe.useful_per_batch.value < FEW_USEFUL:
        yield Reason(
            Verdict.FLAT,
            False,
            f"{told}: some {probe.useful_per_batch.value:.0f} prompts of a batch carry signal and steps are noisy; "
            "raise hyperparameters.batchSize or trainingSamplePerPrompt, or choose other prompts",
        )
