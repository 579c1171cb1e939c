"""Every detector of the stop policy: it fires on its textbook trace, and abstains on a healthy one and without data."""

from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from rft.monitoring.policy.detectors import DETECTORS
from rft.monitoring.policy.model import Limits
from rft.monitoring.policy.series import Series, View, fall, noise
from rft.monitoring.trace import Point
from tests.unit import policy_traces as textbook
from tests.unit.policy_traces import trace, without

LIMITS = Limits(budget_usd=1000.0, deadline_seconds=1e6)


def spiking(points: list[Point]) -> list[Point]:
    return [
        point.model_copy(update={"grad_norm": 30.0}) if point.step in {72, 75, 78} else point
        for point in points
    ]


def stopped(points: list[Point]) -> list[Point]:
    return [*points[:-1], points[-1].model_copy(update={"seconds": 1e5})]


def made(change: Callable[[dict[str, Any], float], None], *names: str) -> tuple[list[Point], tuple[str, ...]]:
    """A trace and the fields that the detector cannot do without."""
    return trace(change), names


CASES: dict[str, tuple[list[Point], tuple[str, ...]]] = {
    "broken_reward": made(textbook.broken, "reward_error_rate"),
    "reward_hacking": made(textbook.hacking, "train_reward", "validation_reward"),
    "train_validation_gap": made(textbook.hacking, "train_reward", "validation_reward"),
    "component_hacking": made(textbook.eaten_component, "components"),
    "length_hacking": made(textbook.long_answers, "episode_length", "validation_reward"),
    "entropy_collapse": made(textbook.collapse, "policy_entropy"),
    "diversity_collapse": made(textbook.one_answer, "answer_diversity", "train_reward"),
    "learning_stopped": made(textbook.collapse, "policy_entropy", "train_reward"),
    "grad_norm_growth": made(textbook.exploding, "grad_norm"),
    "reward_fall": made(textbook.falling, "train_reward"),
    "validation_fall": made(textbook.falling_validation, "validation_reward"),
    "reward_oscillation": made(textbook.swinging("train_reward"), "train_reward"),
    "validation_oscillation": made(textbook.swinging("validation_reward"), "validation_reward"),
    "zero_signal_share": made(textbook.wasted_prompts, "zero_signal_share", "train_reward"),
    "policy_drift": made(textbook.drift, "low_reward_share"),
    "flat_reward": made(textbook.hopeless, "train_reward"),
    "entropy_flat_high": made(textbook.ignored_reward, "policy_entropy", "train_reward"),
    "plateau": made(textbook.saturated, "validation_reward"),
    "grad_norm_spike": (spiking(trace()), ("grad_norm",)),
    "stalled": (stopped(trace()), ("seconds",)),
    "length_spike": (trace(textbook.loops)[: textbook.ONSET + 3], ("episode_length",)),
    "budget": ([Point(step=1, cost_usd=1001.0)], ("cost_usd",)),
    "deadline": ([Point(step=1, seconds=2e6)], ("seconds",)),
}


def test_every_detector_has_a_case() -> None:
    assert set(CASES) == set(DETECTORS)


@pytest.mark.parametrize("name", CASES)
def test_it_fires_on_its_textbook_trace_with_evidence(name: str) -> None:
    points, _ = CASES[name]
    found = DETECTORS[name](View(points), LIMITS)
    assert found is not None
    assert found.detector == name
    assert found.evidence
    assert found.words
    assert found.source
    if name not in {
        "learning_stopped",
        "entropy_collapse",
        "diversity_collapse",
        "flat_reward",
        "plateau",
    }:  # these look for little
        assert found.statistic >= found.threshold


@pytest.mark.parametrize("name", CASES)
def test_it_finds_nothing_at_any_step_of_a_healthy_trace(name: str) -> None:
    points = trace()
    for count in range(1, len(points) + 1):
        assert DETECTORS[name](View(points[:count]), LIMITS) is None


@pytest.mark.parametrize(("name", "field"), [(name, field) for name in CASES for field in CASES[name][1]])
def test_it_abstains_without_a_field_that_it_needs(name: str, field: str) -> None:
    assert DETECTORS[name](View(without(CASES[name][0], field)), LIMITS) is None


@pytest.mark.parametrize("name", CASES)
def test_it_abstains_without_points(name: str) -> None:
    assert DETECTORS[name](View([]), LIMITS) is None
    assert DETECTORS[name](View([Point(step=3)]), LIMITS) is None


@pytest.mark.parametrize("name", CASES)
def test_its_docstring_states_what_the_page_needs(name: str) -> None:
    told = DETECTORS[name].__doc__ or ""
    assert all(part in told for part in ("Statistic:", "Threshold:", "Minimum evidence:", "Source:"))


def test_one_gradient_spike_is_healthy() -> None:
    points = [p.model_copy(update={"grad_norm": 30.0}) if p.step == 75 else p for p in trace()]
    assert DETECTORS["grad_norm_spike"](View(points), LIMITS) is None


def changed(points: list[Point], **values: Any) -> list[Point]:
    return [point.model_copy(update=values) for point in points]


def scaled(points: list[Point], by: float) -> list[Point]:
    return [p.model_copy(update={"answer_diversity": (p.answer_diversity or 0.0) * by}) for p in points]


def test_without_entropy_learning_that_stopped_is_seen_by_the_diversity_of_answers() -> None:
    points = without(trace(textbook.one_answer), "policy_entropy")
    found = DETECTORS["learning_stopped"](View(points), LIMITS)
    assert found is not None
    assert "diversity of the answers" in found.words
    assert abs(found.evidence["since_step"] - textbook.ONSET) <= 15
    assert DETECTORS["learning_stopped"](View(without(points, "answer_diversity")), LIMITS) is None


def test_answers_may_become_the_same_when_the_reward_is_at_its_ceiling() -> None:
    points = without(trace(textbook.one_answer), "validation_reward")
    for reward, found in ((0.84, True), (0.86, False)):
        at = View(changed(points, train_reward=reward))
        assert (DETECTORS["diversity_collapse"](at, LIMITS) is not None) == found
        assert (DETECTORS["learning_stopped"](at, LIMITS) is not None) == found


def test_short_answers_that_are_the_same_from_the_start_collapse_not() -> None:
    points = trace(textbook.one_answer)
    assert DETECTORS["diversity_collapse"](View(scaled(points, 0.5)), LIMITS) is not None
    assert DETECTORS["diversity_collapse"](View(scaled(points, 0.3)), LIMITS) is None  # starts at 0.24
    assert DETECTORS["diversity_collapse"](View(changed(points, answer_diversity=0.0)), LIMITS) is None


def test_diversity_that_halves_is_healthy_and_eight_values_are_needed() -> None:
    halved = [p.model_copy(update={"answer_diversity": 0.5 if p.step < 40 else 0.2}) for p in trace()]
    assert DETECTORS["diversity_collapse"](View(halved), LIMITS) is None
    shares = [0.8] * 5 + [0.0] * 3
    few = [Point(step=n, train_reward=0.4, answer_diversity=share) for n, share in enumerate(shares)]
    assert DETECTORS["diversity_collapse"](View(few[1:]), LIMITS) is None
    found = DETECTORS["diversity_collapse"](View(few), LIMITS)
    assert found is not None
    assert (found.statistic, found.threshold) == (0.0, 0.1)


def test_a_job_that_waits_now_is_stalled_though_its_last_step_was_quick() -> None:
    points = trace()
    assert DETECTORS["stalled"](View(points), Limits(elapsed_seconds=points[-1].seconds)) is None
    waited = DETECTORS["stalled"](View(points), Limits(elapsed_seconds=(points[-1].seconds or 0) + 601))
    assert waited is not None
    assert waited.evidence["waited_seconds"] == 601


def test_noise_is_not_inflated_by_a_trend_or_an_outlier() -> None:
    random = Random(3)
    flat = [random.gauss(0.5, 0.02) for _ in range(60)]
    rising = [value + 0.05 * step for step, value in enumerate(flat)]
    assert noise(rising, 0.0) == pytest.approx(noise(flat, 0.0), rel=0.05)
    assert noise([*flat, 9.0], 0.0) == pytest.approx(noise(flat, 0.0), rel=0.2)


def test_a_single_low_value_is_no_fall_and_a_lasting_one_is() -> None:
    level = [0.5 + (0.01 if step % 2 else -0.01) for step in range(40)]
    dip = fall(Series(range(43), [*level, 0.1, 0.5, 0.5]), 0.05)
    low = fall(Series(range(46), [*level, *[0.3] * 6]), 0.05)
    assert dip is not None
    assert not dip.is_harm
    assert low is not None
    assert low.is_harm
    assert low.amount == pytest.approx(0.2, abs=0.02)
