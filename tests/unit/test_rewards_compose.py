"""Composition: parts stay visible, failures stay failures, nothing leaves zero and one."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rft.rewards import (
    MissingReferenceError,
    NoPartLeftError,
    Sample,
    Score,
    clip,
    math_answer,
    minimum,
    optional,
    penalised,
    product,
    require,
    scale,
    weighted,
)
from rft.rewards.batch import score_batch
from rft.rewards.compose import OptionalPart, Part

unit = st.floats(0, 1)
weights = st.floats(0.001, 1000)
PARTS: list[Callable[..., Score]] = [minimum, product]


def fails() -> float:
    raise ConnectionError("a secret of the endpoint")


def weigh(**parts: Part) -> Score:
    return weighted(**{name: (1.0, part) for name, part in parts.items()})


@given(st.lists(st.tuples(weights, st.floats(allow_nan=False, allow_infinity=False)), min_size=1, max_size=5))
def test_a_weighted_mean_lies_between_its_parts(parts: list[tuple[float, float]]) -> None:
    score = weighted(**{f"p{n}": part for n, part in enumerate(parts)})
    values = [min(1.0, max(0.0, value)) for _, value in parts]
    assert min(values) - 1e-9 <= score.value <= max(values) + 1e-9
    assert 0 <= score.value <= 1
    assert list(score.components.values()) == values


@given(st.lists(unit, min_size=1, max_size=5), st.integers(0, 4), unit)
def test_a_better_part_never_lowers_a_score(values: list[float], which: int, other: float) -> None:
    which %= len(values)
    low, high = sorted((values[which], other))
    worse = {f"p{n}": value for n, value in enumerate(values)} | {f"p{which}": low}
    better = worse | {f"p{which}": high}
    for form in (weigh, minimum, product):
        assert form(**worse).value <= form(**better).value
    assert require(0.7, **worse).value <= require(0.7, **better).value
    assert (
        penalised(0.7, **{name: (0.3, part) for name, part in worse.items()}).value
        <= penalised(0.7, **{name: (0.3, part) for name, part in better.items()}).value
    )


@given(unit, unit)
def test_product_and_minimum_are_never_above_the_mean(a: float, b: float) -> None:
    assert product(a=a, b=b).value <= minimum(a=a, b=b).value <= weigh(a=a, b=b).value + 1e-12


@given(unit, st.dictionaries(st.sampled_from("xyz"), unit, min_size=1), st.floats(0.001, 1))
def test_a_closed_gate_earns_nothing_and_an_open_one_changes_nothing(
    value: float, gates: dict[str, float], at_least: float
) -> None:
    score = require(Score(value, {"inner": value}), at_least=at_least, **gates)
    is_open = all(gate >= at_least for gate in gates.values())
    assert score.value == (value if is_open else 0.0)
    assert score.components == {"inner": value, **gates}
    assert set(score.reasons) == {f"{name} is required" for name, gate in gates.items() if gate < at_least}


@given(unit, unit, unit)
def test_a_penalty_takes_at_most_its_share(value: float, most: float, part: float) -> None:
    score = penalised(value, brevity=(most, part))
    assert max(0.0, value - most) - 1e-9 <= score.value <= value
    assert penalised(value, brevity=(most, 1.0)).value == value
    assert score.components == {"brevity": part}


@given(unit, st.tuples(unit, unit).filter(lambda pair: pair[0] < pair[1]))
def test_clip_holds_and_scale_stretches(value: float, bounds: tuple[float, float]) -> None:
    low, high = bounds
    assert low <= clip(value, low, high).value <= high
    stretched = scale(value, low, high).value
    assert 0 <= stretched <= 1
    assert (stretched == 0) or value > low
    assert (scale(low, low, high).value, scale(high, low, high).value) == (0.0, 1.0)


def test_clip_and_scale_keep_components_and_reasons() -> None:
    score = Score(0.75, {"a": 0.75}, ("why",))
    assert clip(score, 0.0, 0.5) == Score(0.5, {"a": 0.75}, ("why",))
    assert scale(score, 0.5, 1.0) == Score(0.5, {"a": 0.75}, ("why",))


@pytest.mark.parametrize("form", [clip, scale])
@pytest.mark.parametrize("bounds", [(0.5, 0.5), (0.6, 0.5), (-0.1, 1), (0, 1.1), (math.nan, 1)])
def test_bounds_without_sense_are_refused(form: Callable[..., Score], bounds: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="low < high"):
        form(0.5, *bounds)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "compose",
    [
        lambda bad: weigh(a=bad, b=1.0),
        lambda bad: minimum(a=1.0, b=bad),
        lambda bad: minimum(a=0.0, b=bad),
        lambda bad: product(a=0.0, b=bad),
        lambda bad: require(bad, form=1.0),
        lambda bad: require(1.0, form=bad),
        lambda bad: require(1.0, other=0.0, form=bad),
        lambda bad: penalised(1.0, length=(0.1, bad)),
        lambda bad: penalised(bad, length=(0.1, 1.0)),
        lambda bad: clip(bad),
        lambda bad: scale(bad, 0, 0.5),
        lambda bad: weigh(inner=weigh(a=bad)),
    ],
)
def test_what_is_no_number_is_an_error_in_every_form(compose: Callable[[float], Score], bad: float) -> None:
    sample = {"id": 1, "messages": [{"role": "assistant", "content": ""}]}
    (scored,) = score_batch([sample], lambda _: compose(bad), floor=0.1)
    assert scored["aggregate_reward_score"] == 0.1
    assert scored["metrics_list"][-1]["name"] == "reward_error"


def test_a_part_that_raises_is_an_error_of_the_whole_sample() -> None:
    def reward(_: Sample) -> Score:
        return weighted(a=(0.5, 1.0), judged=(0.5, fails()))

    sample = {"id": 1, "messages": [{"role": "assistant", "content": ""}]}
    (scored,) = score_batch([sample], reward)
    assert (scored["aggregate_reward_score"], scored["metrics_list"][-1]["name"]) == (0.0, "reward_error")


@pytest.mark.parametrize("part", [fails, lambda: math.nan, lambda: math.inf, lambda: Score(math.nan)])
def test_an_optional_part_that_fails_leaves_its_weight_to_the_others(part: Callable[[], float]) -> None:
    score = weighted(a=(1, 1.0), b=(1, 0.0), judged=(2, optional(part)))
    assert score.value == 0.5
    assert score.components == {"a": 1.0, "b": 0.0, "judged_failed": 1.0}
    assert "secret" not in str(score)


def test_an_optional_part_that_works_counts_and_shows_that_it_did() -> None:
    score = weighted(a=(1, 1.0), judged=(1, optional(lambda: Score(0.5, {"x": 0.5}, ("so",)))))
    assert score == Score(0.75, {"a": 1.0, "judged_failed": 0.0, "judged": 0.5}, ("so",))


@pytest.mark.parametrize(
    ("score", "value"),
    [
        (minimum(a=0.4, b=optional(fails)), 0.4),
        (product(a=0.4, b=optional(fails)), 0.4),
        (require(0.4, b=optional(fails)), 0.4),
        (penalised(0.4, b=(0.4, optional(fails))), 0.4),
    ],
)
def test_other_forms_go_on_without_an_optional_part(score: Score, value: float) -> None:
    assert score.value == value
    assert score.components["b_failed"] == 1.0
    assert score.reasons == ("b failed: ConnectionError",)


def test_a_failure_further_in_stays_visible() -> None:
    inner = weighted(a=(1, 1.0), judged=(1, optional(fails)))
    assert weighted(quality=(1, inner)).components == {"quality": 1.0, "judged_failed": 1.0}


@pytest.mark.parametrize(
    "compose",
    [
        lambda failed: weighted(a=(1, failed)),
        lambda failed: weighted(a=(1, failed), b=(0, 1.0)),
        lambda failed: minimum(a=failed),
        lambda failed: product(a=failed),
        lambda _: minimum(),
        lambda _: product(),
    ],
)
def test_nothing_left_to_score_is_an_error(compose: Callable[[OptionalPart], Score]) -> None:
    with pytest.raises(NoPartLeftError):
        compose(optional(fails))


def test_a_missing_reference_is_never_optional() -> None:
    with pytest.raises(MissingReferenceError):
        optional(lambda: math_answer(Sample("1", (), "72")))


@pytest.mark.parametrize(("gate", "asked"), [(1.0, 1), (0.0, 0)])
def test_a_costly_score_is_asked_for_only_when_the_requirements_hold(gate: float, asked: int) -> None:
    calls: list[float] = []

    def costly() -> Score:
        calls.append(1.0)
        return Score(0.7, {"style": 0.7})

    score = require(costly, answered=gate)
    assert (len(calls), score.value) == (asked, 0.7 * gate)
    assert score.components == ({"style": 0.7} if asked else {}) | {"answered": gate}


@pytest.mark.parametrize("system", [KeyboardInterrupt, SystemExit])
def test_optional_does_not_swallow_the_end_of_the_process(system: type[BaseException]) -> None:
    def part() -> float:
        raise system

    with pytest.raises(system):
        optional(part)


@pytest.mark.parametrize(
    "compose",
    [
        lambda: weighted(),
        lambda: weighted(a=(0, 1.0)),
        lambda: weighted(a=(-1, 1.0), b=(2, 1.0)),
        lambda: weighted(a=(math.inf, 1.0)),
        lambda: weighted(a=(math.nan, 1.0)),
        lambda: require(1.0, at_least=0, a=1.0),
        lambda: require(1.0, at_least=1.1, a=1.0),
        lambda: penalised(1.0, a=(-0.1, 1.0)),
        lambda: penalised(1.0, a=(math.nan, 1.0)),
    ],
)
def test_settings_without_sense_are_refused(compose: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        compose()
