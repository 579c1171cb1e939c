"""What a run will cost, line by line and as a range, each line with its assumption and the source of its price.

USD; tokens are estimated from characters because Nova's tokenizer is not public. A line whose price no source states
has no USD, and the total says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rft.planning.prices import Price, PriceList
from rft.planning.usage import CASES, EXPECTED, Sizes, Usage, usage
from rft.runs.cost_parts import Estimate, EstimateLine, Plan
from rft.settings import RunSettings

MILLION: Final = 1_000_000
TRAINING, VALIDATION_ROLLOUTS = "training", "validation rollouts"
PROBE, EVALUATION_BASE, EVALUATION_CANDIDATE = "probe", "evaluation, base", "evaluation, candidate"
JUDGE, REWARD_TIME, REWARD_CALLS, WORKFLOW = "judge", "reward duration", "reward requests", "workflow"
BEFORE_TRAINING: Final = frozenset({PROBE})
OF_TRAINING: Final = frozenset({TRAINING, VALIDATION_ROLLOUTS})
Cases = Mapping[str, Usage]


@dataclass(frozen=True, slots=True)
class _Part:
    """A quantity and the key of the price that it is multiplied with."""

    key: str
    quantity: Callable[[Usage], float]


def forecast(settings: RunSettings, plan: Plan, sizes: Sizes, prices: PriceList) -> Estimate:
    """Forecast one run in three cases: Bedrock stops early and answers are short, as expected, all of it and long."""
    values = plan.api()
    cases: Cases = {case: usage(settings, values, sizes, case) for case in CASES}
    lines = [*_training(cases, values, sizes, prices), *_inference(settings, cases, sizes, prices)]
    lines += _reward(settings, cases, sizes, prices)
    expected = cases[EXPECTED]
    rollouts = expected.rollouts + expected.validation_rollouts
    trained = [line.usd for line in lines if line.what in OF_TRAINING]
    known = [usd for usd in trained if usd is not None]
    return Estimate(
        total_usd=_total(line.usd for line in lines),
        low_usd=_total(line.usd_low for line in lines),
        high_usd=_total(line.usd_high for line in lines),
        unknown=[line.what for line in lines if line.usd is None],
        rollouts=round(rollouts),
        budget_usd=settings.run_budget_usd,
        training_usd_per_rollout=sum(known) / rollouts if known and rollouts else None,
        training_usd_per_hour=None if known else prices["training_per_hour"].usd,
        lines=lines,
    )


def _total(amounts: Iterable[float | None]) -> float:
    return round(sum(amount for amount in amounts if amount is not None), 4)


def _training(
    cases: Cases, values: Mapping[str, int | float | str], sizes: Sizes, prices: PriceList
) -> list[EstimateLine]:
    expected = cases[EXPECTED]
    per_token, per_hour = prices["training_per_million_tokens"], prices["training_per_hour"]
    answers = _answers(values, sizes, expected)
    early = "; low: Bedrock stops after half of the epochs" if sizes.validation else ""
    told = (
        f"{sizes.train:,} prompts x {values['trainingSamplePerPrompt']} samples x {values['epochCount']} epochs, "
        f"{expected.prompt_tokens:,.0f} prompt and {answers}{early}"
    )
    by_hour = per_token.usd is None and per_hour.usd is not None
    if by_hour:
        rate = f"{per_hour.usd:,.2f} USD an hour ({per_hour.told}), but nobody states how long a job takes"
        per_token = Price(usd=None, why=rate)
    elif per_token.usd is None:
        per_token = per_token.model_copy(update={"why": f"{per_token.why}; {per_hour.why}"})
    priced = {**prices, "training_per_million_tokens": per_token}

    def tokens(count: Callable[[Usage], float]) -> list[_Part]:
        return [_Part("training_per_million_tokens", lambda u: count(u) * u.rollout_tokens / MILLION)]

    lines = [_line(TRAINING, "million tokens", tokens(lambda u: u.rollouts), cases, priced, told)]
    if sizes.validation and not by_hour:
        told = f"{sizes.validation:,} prompts every {values['evalInterval']} steps and at the end"
        parts = tokens(lambda u: u.validation_rollouts)
        lines.append(_line(VALIDATION_ROLLOUTS, "million tokens", parts, cases, priced, told))
    return lines


def _answers(values: Mapping[str, int | float | str], sizes: Sizes, expected: Usage) -> str:
    told = f"{expected.answer_tokens:,.0f} answer tokens each"
    if sizes.answers is None:
        return f"{told} (no probe: a quarter, half and all of inferenceMaxTokens {values['inferenceMaxTokens']:,})"
    return f"{told} (from the probe: {sizes.answers.p10:,.0f} to {sizes.answers.p90:,.0f})"


def _inference(settings: RunSettings, cases: Cases, sizes: Sizes, prices: PriceList) -> list[EstimateLine]:
    probe, judge = settings.use_case.probe, settings.use_case.reward.judge

    def tokens(kind: str, count: Callable[[Usage], float]) -> list[_Part]:
        return [
            _Part(f"{kind}_per_million_input_tokens", lambda u: count(u) * u.prompt_tokens / MILLION),
            _Part(f"{kind}_per_million_output_tokens", lambda u: count(u) * u.answer_tokens / MILLION),
        ]

    asked = f"{cases[EXPECTED].asked:,} held-out prompts, on demand"
    lines = [
        _line(
            PROBE,
            "million tokens",
            tokens("inference", lambda u: u.probed),
            cases,
            prices,
            f"{probe.samples_per_prompt} answers to each of {min(sizes.train, probe.prompts):,} prompts",
        ),
        _line(
            EVALUATION_BASE, "million tokens", tokens("inference", lambda u: u.asked), cases, prices, asked
        ),
        _line(
            EVALUATION_CANDIDATE, "million tokens", tokens("custom", lambda u: u.asked), cases, prices, asked
        ),
    ]
    if judge is not None:
        expected = cases[EXPECTED]
        told = (
            f"{expected.scored:,.0f} answers x {judge.votes} votes of {judge.model}: "
            f"{expected.judge_input_tokens:,.0f} tokens in, {expected.judge_output_tokens:,.0f} out "
            "(a quarter, half, all of judge.max_tokens)"
        )
        parts = [
            _Part("judge_per_million_input_tokens", lambda u: u.scored * u.judge_input_tokens / MILLION),
            _Part("judge_per_million_output_tokens", lambda u: u.scored * u.judge_output_tokens / MILLION),
        ]
        lines.append(_line(JUDGE, "million tokens", parts, cases, prices, told))
    return lines


def _reward(settings: RunSettings, cases: Cases, sizes: Sizes, prices: PriceList) -> list[EstimateLine]:
    reward = settings.use_case.reward
    memory = reward.memory_mb / 1024
    measured = (
        f"{sizes.reward_ms:.3g} ms a sample (audit)"
        if sizes.reward_ms
        else "5, 50, 500 ms a sample (not measured)"
    )
    seconds = [_Part("reward_per_gb_second", lambda u: u.scored * u.reward_seconds * memory)]
    calls = [_Part("reward_per_million_invocations", lambda u: u.scored / MILLION)]
    states = [_Part("transitions_per_thousand", lambda u: u.transitions / 1000)]
    return [
        _line(
            REWARD_TIME,
            "GB-seconds",
            seconds,
            cases,
            prices,
            f"{measured}, {reward.memory_mb} MB, {reward.concurrency} at once",
        ),
        _line(
            REWARD_CALLS,
            "million requests",
            calls,
            cases,
            prices,
            "at most one request an answer; Bedrock sends several at once",
        ),
        _line(
            WORKFLOW,
            "thousand transitions",
            states,
            cases,
            prices,
            "50 states, 3 a batch of answers, 3 a round of watching a job of 1, 8 or 168 hours",
        ),
    ]


def _line(
    what: str, unit: str, parts: Sequence[_Part], cases: Cases, prices: PriceList, assumption: str
) -> EstimateLine:
    quantities = {case: sum(part.quantity(found) for part in parts) for case, found in cases.items()}
    usd = {case: _usd(parts, found, prices) for case, found in cases.items()}
    low, expected, high = CASES
    return EstimateLine(
        what=what,
        quantity=round(quantities[expected], 6),
        quantity_low=round(quantities[low], 6),
        quantity_high=round(quantities[high], 6),
        unit=unit,
        usd=usd[expected],
        usd_low=usd[low],
        usd_high=usd[high],
        assumption=assumption,
        price=_told([prices[part.key] for part in parts]),
    )


def _usd(parts: Sequence[_Part], found: Usage, prices: PriceList) -> float | None:
    """USD of all parts; None when one has a quantity and no price."""
    total = 0.0
    for part in parts:
        quantity, price = part.quantity(found), prices[part.key].usd
        if price is None and quantity:
            return None
        total += quantity * (price or 0.0)
    return total


def _told(prices: Sequence[Price]) -> str:
    unknown = [price.told for price in prices if price.usd is None]
    told = unknown[:1] or [f"{price.usd:g} USD, {price.told}" for price in prices]
    return "; ".join(dict.fromkeys(told))
