"""Monthly budgets: reserved once, refused with the numbers, settled with what a run has cost."""

from datetime import UTC, datetime
from typing import Any

import pytest

from rft.errors import OverBudget
from rft.runs.ledger import Ledger, MonthlyLimits
from rft.runs.spending import spent_usd
from tests.unit.run_world import USE_CASE, World, records

MONTH = "2026-11"


@pytest.fixture
def ledger(world: World) -> Ledger:
    return Ledger(world.table, world.name, USE_CASE, clock=lambda: datetime(2026, 11, 30, tzinfo=UTC))


def test_an_attempt_is_reserved_once_and_settled_once(ledger: Ledger) -> None:
    for _ in range(2):
        ledger.reserve("run", 1, 10.0, MonthlyLimits(100, 50))
    ledger.reserve("run", 2, 5.0, MonthlyLimits(100, 50))
    assert ledger.spent(MONTH) == (15.0, 15.0)
    for usd in (4.0, 99.0):
        ledger.settle("run", 1, usd)
    assert ledger.spent(MONTH) == (9.0, 9.0)
    ledger.settle("never reserved", 1, 7.0)
    assert ledger.spent(MONTH) == (9.0, 9.0)


def test_a_refusal_names_the_budget_and_changes_neither_sum(world: World, ledger: Ledger) -> None:
    other = Ledger(world.table, world.name, "other", clock=lambda: datetime(2026, 11, 1, tzinfo=UTC))
    other.reserve("run", 1, 60.0, MonthlyLimits(100))
    with pytest.raises(OverBudget, match=r"budget_usd_per_month is 100\.00, of which 60\.00 .* 2026-11"):
        ledger.reserve("run", 1, 41.0, MonthlyLimits(100, 50))
    with pytest.raises(OverBudget, match=r"budget\.usd_per_month is 30\.00, of which 0\.00"):
        ledger.reserve("run", 1, 40.0, MonthlyLimits(100, 30))
    assert ledger.spent(MONTH) == (60.0, 0.0)
    ledger.reserve("run", 1, 40.0, MonthlyLimits(100, 50))
    assert ledger.spent(MONTH) == (100.0, 40.0)


def test_months_are_apart_and_no_limit_still_counts(world: World, ledger: Ledger) -> None:
    ledger.reserve("run", 1, 500.0, MonthlyLimits())
    later = Ledger(world.table, world.name, USE_CASE, clock=lambda: datetime(2026, 12, 1, tzinfo=UTC))
    later.reserve("run", 2, 90.0, MonthlyLimits(100))
    later.settle("run", 1, 450.0)  # goes to the month of the reservation
    assert ledger.spent(MONTH) == (450.0, 450.0)
    assert ledger.spent("2026-12") == (90.0, 90.0)


@pytest.fixture
def priced(world: World) -> World:
    """A world in which training has a price."""
    prices = world.settings.prices.model_copy(update={"training_per_million_tokens": 100.0})
    world.settings = world.settings.model_copy(update={"prices": prices})
    world.save_settings()
    return world


def estimated(world: World) -> tuple[str, dict[str, Any]]:
    run_id = world.register(**world.upload(records(260)))
    world.call("validate_dataset", run_id=run_id)
    return run_id, world.call("estimate_cost", run_id=run_id)


def test_the_workflow_reserves_and_a_run_without_a_job_gives_back_all_but_its_probe(priced: World) -> None:
    run_id, answer = estimated(priced)
    assert answer["needs_approval"] is False
    ledger = Ledger(priced.table, priced.name, USE_CASE)
    month = datetime.now(UTC).strftime("%Y-%m")
    assert ledger.spent(month)[0] == pytest.approx(answer["estimate_usd"])
    priced.call("record_run", run_id=run_id, outcome="FAILED", failure=None)
    record = priced.store.get(run_id)
    assert record.estimate is not None
    probe = next(line.usd for line in record.estimate.lines if line.what == "probe")
    assert ledger.spent(month)[0] == pytest.approx(probe, abs=1e-4)
    assert record.spent_usd == pytest.approx(probe, abs=1e-4)


def test_a_completed_job_costs_what_was_expected_where_nothing_was_seen_of_it(priced: World) -> None:
    run_id, answer = estimated(priced)
    priced.call("acquire_training_slot", run_id=run_id)
    priced.call("launch_training", run_id=run_id)
    record = priced.store.get(run_id)
    assert record.job is not None
    done = record.model_copy(update={"job": record.job.model_copy(update={"status": "Completed"})})
    assert 0.9 * answer["estimate_usd"] < spent_usd(done) < answer["estimate_usd"]  # no evaluation ran
    stopped = record.model_copy(update={"job": record.job.model_copy(update={"status": "Stopped"})})
    assert spent_usd(stopped) < 0.1 * answer["estimate_usd"]


def test_a_month_that_is_used_up_stops_the_run(priced: World) -> None:
    priced.settings = priced.settings.model_copy(update={"budget_usd_per_month": 0.5})
    priced.save_settings()
    with pytest.raises(OverBudget, match=r"budget_usd_per_month is 0\.50"):
        estimated(priced)


def test_an_unknown_price_asks_and_the_job_gets_the_plans_values(world: World) -> None:
    run_id, answer = estimated(world)
    assert answer["needs_approval"] is True
    world.call("acquire_training_slot", run_id=run_id)
    world.call("launch_training", run_id=run_id)
    record = world.store.get(run_id)
    assert record.plan is not None
    (request,) = world.engine.requests
    assert request.hyperparameters == record.plan.api()
    assert request.hyperparameters["batchSize"] == 32
    assert world.call("watch_training", run_id=run_id)["decision"] == "continue"
    assert world.call("watch_training", run_id=run_id)["decision"] == "continue"
    (note,) = world.store.get(run_id).notes
    assert "no price of training is known" in note
