"""What findings amount to: two that agree abort, one warns, budgets abort alone; and nothing depends on chance."""

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rft.benchmarks.traces import HEALTHY, KINDS, PUBLISHED
from rft.benchmarks.traces import trace as made_up
from rft.engines.capabilities import CAPABILITIES, MANTLE, NOVA
from rft.engines.nova import CAPABILITIES as OF_NOVA
from rft.monitoring.policy import Decision, Limits, decide, replay
from rft.monitoring.trace import Point, read_trace, write_trace
from rft.watch_settings import Watch
from tests.unit import policy_traces as textbook
from tests.unit.policy_traces import ONSET, trace, without

FIELDS = sorted(set(Point.model_fields) - {"step"})


def names(decision: Decision) -> set[str]:
    return {reason.detector for reason in decision.reasons}


def test_the_capabilities_of_both_engines_are_in_one_place() -> None:
    assert OF_NOVA is CAPABILITIES["nova"]
    assert (MANTLE.live_metrics, MANTLE.checkpoints, MANTLE.stop_keeps_model, MANTLE.needs_deployment) == (
        True,
        True,
        True,
        False,
    )


def test_a_healthy_job_goes_on() -> None:
    for engine in CAPABILITIES.values():
        assert replay(trace(), engine, Limits()).action == "continue"


@pytest.mark.parametrize("change", [textbook.hacking, textbook.collapse])
@pytest.mark.parametrize("engine", CAPABILITIES)
def test_harm_that_two_quantities_show_aborts_soon_after_it_began(change: Any, engine: str) -> None:
    decision = replay(trace(change), CAPABILITIES[engine], Limits())
    assert decision.action == "abort"
    assert decision.step is not None
    assert ONSET <= decision.step <= ONSET + 20
    assert len({reason.family for reason in decision.reasons if reason.weight == "harm"}) >= 2


def test_without_entropy_a_collapse_is_seen_by_the_answers_and_the_reward_together() -> None:
    points = without(trace(textbook.one_answer), "policy_entropy")
    decision = replay(points, NOVA, Limits())
    assert decision.action == "abort"
    assert {"diversity_collapse", "learning_stopped"} <= names(decision)
    assert replay(without(points, "answer_diversity"), NOVA, Limits()).action == "continue"


def test_entropy_and_diversity_are_one_quantity_and_never_agree_with_each_other() -> None:
    def both(values: dict[str, Any], far: float) -> None:
        values["policy_entropy"] *= 1 - 0.97 * far
        values["answer_diversity"] *= 1 - 0.97 * far

    decision = replay(trace(both), NOVA, Limits())
    assert decision.action == "warn"
    late = decide(trace(both), NOVA, Limits())
    assert names(late) == {"entropy_collapse", "diversity_collapse"}
    assert late.action == "warn"


def test_one_finding_warns_and_asks_for_the_checkpoint_where_there_are_some() -> None:
    points = without(trace(textbook.falling_validation), "train_reward")
    assert replay(points, NOVA, Limits()).action == "warn"
    kept = replay(points, MANTLE, Limits())
    assert kept.action == "take_checkpoint"
    assert kept.checkpoint_step is not None
    assert ONSET - 8 <= kept.checkpoint_step <= ONSET + 2
    assert replay(without(points, "validation_reward"), MANTLE, Limits()).action == "continue"


def test_a_plateau_never_aborts_and_takes_a_checkpoint_where_there_are_some() -> None:
    points = trace(textbook.saturated)
    assert replay(points, NOVA, Limits()).action == "warn"
    assert replay(points, MANTLE, Limits()).action == "take_checkpoint"


@pytest.mark.parametrize(
    ("point", "limits", "name"),
    [
        (Point(step=1, reward_error_rate=0.21), Limits(error_points=1), "broken_reward"),
        (Point(step=1, cost_usd=100.01), Limits(budget_usd=100.0), "budget"),
        (Point(step=1, seconds=7201), Limits(deadline_seconds=7200.0), "deadline"),
    ],
)
def test_these_abort_alone(point: Point, limits: Limits, name: str) -> None:
    decision = decide([point], NOVA, limits)
    assert (decision.action, names(decision), decision.enforced) == ("abort", {name}, False)


@pytest.mark.parametrize(
    "point",
    [
        Point(step=1, reward_error_rate=0.2, cost_usd=100.0, seconds=7200.0),
        Point(step=1),
    ],
)
def test_at_the_limits_and_without_data_the_job_goes_on(point: Point) -> None:
    limits = Limits(error_points=1, budget_usd=100.0, deadline_seconds=7200.0)
    assert decide([point], NOVA, limits) == Decision("continue", 1)
    assert decide([], NOVA, limits) == Decision("continue")


def test_rare_errors_of_the_reward_are_no_broken_reward() -> None:
    rates = [0.0, 0.9, 0.0, 0.0, 0.0, 0.9, 0.9, 0.0, 0.0]
    points = [Point(step=step, reward_error_rate=rate) for step, rate in enumerate(rates)]
    assert replay(points, NOVA, Limits()).action == "continue"


def test_an_abort_is_enforced_by_enforced_findings_only() -> None:
    point = Point(step=9, cost_usd=200.0, reward_error_rate=0.9)
    budget = Limits.of(Watch(), 100.0, error_points=1)
    decision = decide([point], NOVA, budget)
    assert decision.enforced
    assert all(reason.enforced for reason in decision.reasons)
    advised = Limits.of(Watch(modes={"budget": "advised", "broken_reward": "advised"}), 100.0, error_points=1)
    assert decide([point], NOVA, advised).action == "abort"
    assert not decide([point], NOVA, advised).enforced


def test_harm_is_enforced_when_two_agreeing_findings_are() -> None:
    points = trace(textbook.hacking)
    one = Limits.of(Watch(modes={"reward_hacking": "enforced", "validation_fall": "enforced"}), 1e9)
    two = Limits.of(Watch(modes={"reward_hacking": "enforced", "train_validation_gap": "enforced"}), 1e9)
    assert not replay(points, NOVA, one).enforced  # both are of the validation reward
    assert replay(points, NOVA, two).enforced


def test_the_settings_default_to_stopping_for_broken_reward_and_budget_only() -> None:
    assert set(Watch().enforced) == {"broken_reward", "budget"}
    assert set(Watch(modes={"deadline": "enforced"}).enforced) == {"broken_reward", "budget", "deadline"}
    with pytest.raises(ValueError, match=r"modes\.boredom"):
        Watch.model_validate({"modes": {"boredom": "enforced"}})


@given(
    number=st.integers(0, 10_000),
    kind=st.sampled_from([HEALTHY, *KINDS]),
    gone=st.sets(st.sampled_from(FIELDS)),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_removing_fields_never_turns_continue_into_abort(number: int, kind: str, gone: set[str]) -> None:
    points = made_up(PUBLISHED, kind, number, seed=5).points[-60:]
    less = without(list(points), *gone)
    for count in range(10, len(points) + 1, 10):
        before, after = (decide(each[:count], NOVA, Limits()) for each in (points, less))
        assert names(after) <= names(before)
        assert after.action != "abort" or before.action == "abort"


@given(number=st.integers(0, 10_000), kind=st.sampled_from(KINDS))
@settings(max_examples=15, deadline=None)
def test_it_is_deterministic_and_blind_to_unknown_fields_and_their_order(number: int, kind: str) -> None:
    import json

    points = made_up(PUBLISHED, kind, number, seed=6).points
    shuffled = []
    for line in write_trace(points):
        items = [*json.loads(line).items(), ("weather", number), ("mood", None)]
        random.Random(number).shuffle(items)
        shuffled.append(json.dumps(dict(items)))
    again = read_trace(shuffled)
    assert (
        decide(again, MANTLE, Limits())
        == decide(points, MANTLE, Limits())
        == decide(points, MANTLE, Limits())
    )


def test_values_out_of_the_ordinary_break_nothing() -> None:
    odd = [0.0, -5.0, 1e300, -1e300, 0.0, 1e-300]
    points = [
        Point.model_validate({"step": step, **{name: value for name in FIELDS if name not in OTHER}})
        for step, value in enumerate(odd * 8)
    ]
    assert replay(points, NOVA, Limits(budget_usd=1.0)).action == "abort"


OTHER = {"total_steps", "components", "inferred"}
