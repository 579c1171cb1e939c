"""What a phase's answers say, by target: means, shares, components, slices, lengths, paired differences."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean, quantiles

from rft.errors import EvaluationFailed
from rft.evaluation.batch import BASE, CANDIDATE, Outcome
from rft.runs.record import Evaluation, TokenSpread

SAME_REWARD: float = 1e-9  # rewards closer than this carry no signal between samples


def summarise(
    phase: str, outcomes: Sequence[Outcome], *, planned: int, tolerated_failure_percentage: float, key: str
) -> Evaluation:
    """Summarise the outcomes of a phase.

    Args:
        planned: number of prompts that were to be answered.
        key: where the summary is stored.

    Raises:
        EvaluationFailed: when no answer, or a larger share of prompts than tolerated, has a missing score.
    """
    scored = [outcome for outcome in outcomes if outcome.reward is not None]
    complete = {outcome.index for outcome in scored} - {o.index for o in outcomes if o.reward is None}
    failed = planned - len(complete)
    if not complete or failed * 100 > planned * tolerated_failure_percentage:
        reasons = sorted({outcome.error for outcome in outcomes if outcome.reward is None and outcome.error})
        raise EvaluationFailed(
            f"{phase}: {failed} of {planned} prompts have no score (limit {tolerated_failure_percentage:g} %)"
            f"{'; errors: ' + ', '.join(reasons) if reasons else ''}; see the evaluation's parts under {key}"
        )
    kept = [outcome for outcome in scored if outcome.index in complete]
    by_target = _grouped(kept, lambda outcome: outcome.target)
    return Evaluation(
        phase=phase,
        prompts=len(complete),
        samples=len(kept),
        failed=failed,
        mean_by_target=_means(by_target, _reward),
        zero_share_by_target=_means(by_target, lambda outcome: float(outcome.reward == 0)),
        characters_by_target=_means(by_target, lambda outcome: outcome.characters),
        output_tokens_by_target=_means(by_target, lambda outcome: outcome.output_tokens),
        output_token_spread=_spread([outcome.output_tokens for outcome in by_target.get(BASE, [])]),
        mean_by_slice=_by_slice(by_target),
        mean_by_component={target: _components(group) for target, group in by_target.items()},
        zero_signal_share=_zero_signal_share(by_target.get(BASE, [])),
        key=key,
    )


def rewards_by_prompt(outcomes: Iterable[Outcome], target: str) -> dict[int, float]:
    """Mean reward of each prompt, by index."""
    groups: dict[int, list[float]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.target == target and outcome.reward is not None:
            groups[outcome.index].append(outcome.reward)
    return {index: fmean(rewards) for index, rewards in sorted(groups.items())}


def paired_differences(outcomes: Sequence[Outcome]) -> dict[int, float]:
    """Candidate's reward minus the base's for every prompt that both answered, by index."""
    base, candidate = rewards_by_prompt(outcomes, BASE), rewards_by_prompt(outcomes, CANDIDATE)
    return {index: candidate[index] - base[index] for index in base if index in candidate}


def slice_differences(outcomes: Sequence[Outcome]) -> dict[str, list[float]]:
    """Paired differences by slice; prompts without a slice are left out."""
    slices = {outcome.index: outcome.slice for outcome in outcomes}
    groups: dict[str, list[float]] = defaultdict(list)
    for index, difference in paired_differences(outcomes).items():
        name = slices[index]
        if name is not None:
            groups[name].append(difference)
    return dict(groups)


def _reward(outcome: Outcome) -> float:
    return outcome.reward or 0.0


def _grouped(outcomes: Iterable[Outcome], key: Callable[[Outcome], str]) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
    return dict(sorted(groups.items()))


def _means(groups: Mapping[str, Sequence[Outcome]], value: Callable[[Outcome], float]) -> dict[str, float]:
    return {name: fmean(value(outcome) for outcome in group) for name, group in groups.items()}


def _spread(tokens: Sequence[int]) -> TokenSpread | None:
    if not any(tokens):
        return None
    tenths = quantiles(tokens, n=10, method="inclusive") if len(tokens) > 1 else [tokens[0]] * 9
    return TokenSpread(p10=tenths[0], mean=fmean(tokens), p90=tenths[-1], longest=max(tokens))


def _by_slice(by_target: Mapping[str, Sequence[Outcome]]) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for target, group in by_target.items():
        sliced = [outcome for outcome in group if outcome.slice is not None]
        for name, mean in _means(_grouped(sliced, lambda outcome: str(outcome.slice)), _reward).items():
            table[name][target] = mean
    return dict(table)


def _components(group: Sequence[Outcome]) -> dict[str, float]:
    values: dict[str, list[float]] = defaultdict(list)
    for outcome in group:
        for name, value in outcome.components.items():
            values[name].append(value)
    return {name: fmean(found) for name, found in sorted(values.items())}


def _zero_signal_share(group: Sequence[Outcome]) -> float | None:
    prompts: dict[int, list[float]] = defaultdict(list)
    for outcome in group:
        prompts[outcome.index].append(_reward(outcome))
    sampled = [rewards for rewards in prompts.values() if len(rewards) > 1]
    if not sampled:
        return None
    return sum(max(rewards) - min(rewards) < SAME_REWARD for rewards in sampled) / len(sampled)
