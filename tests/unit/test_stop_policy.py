"""When a running job is stopped, and what its metrics files say."""

import pytest

from rft.engines.nova import CAPABILITIES
from rft.monitoring.stop_policy import BROKEN_REWARD, BUDGET, Decision, History, Limits, decide
from rft.settings import Watch


def judge(samples: int = 1000, errors: int = 0, spent: float | None = 0.0, **watch: object) -> Decision:
    limits = Limits.of(Watch.model_validate(watch), budget_usd=100.0)
    return decide(History(samples, errors, spent), CAPABILITIES, limits)


@pytest.mark.parametrize(("samples", "errors"), [(0, 0), (199, 199), (1000, 200), (1000, 0)])
def test_a_job_goes_on_while_the_reward_mostly_works(samples: int, errors: int) -> None:
    assert judge(samples, errors) == Decision("continue")


def test_a_broken_reward_aborts_with_the_evidence() -> None:
    decision = judge(1000, 201)
    assert (decision.action, decision.reason, decision.enforced) == ("abort", BROKEN_REWARD, True)
    assert decision.evidence == {"error_share": 0.201, "samples": 1000.0}
    assert "leaves no model" in decision.explanation


def test_a_job_beyond_the_budget_aborts() -> None:
    assert judge(spent=100.0).action == "continue"
    decision = judge(spent=100.01)
    assert (decision.action, decision.reason) == ("abort", BUDGET)


def test_a_job_without_a_price_is_not_stopped_for_its_budget_and_says_so() -> None:
    decision = judge(spent=None)
    assert decision.action == "continue"
    assert "no price of training is known" in decision.explanation
    assert judge(1000, 900, spent=None).reason == BROKEN_REWARD


def test_what_is_only_advised_never_aborts() -> None:
    assert judge(1000, 900, broken_reward="advised").action == "warn"
    assert judge(spent=200.0, budget="advised").enforced is False


def test_a_broken_reward_is_named_before_the_budget() -> None:
    assert judge(1000, 900, spent=200.0).reason == BROKEN_REWARD
