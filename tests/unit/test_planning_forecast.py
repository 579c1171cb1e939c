"""Prices with their sources, the forecast they make, and what it means for a run."""

from typing import Any

import pytest
from pydantic import ValidationError

from rft.planning.forecast import forecast
from rft.planning.presets import Facts, resolve
from rft.planning.prices import UNITS, Entry, price_list, table
from rft.planning.usage import Sizes
from rft.planning.verdict import judge
from rft.runs.cost_parts import Estimate
from rft.runs.record import TokenSpread
from rft.settings import Prices, RunSettings

NOVA = "amazon.nova-2-lite-v1:0:256k"
SETTINGS = {
    "use_case": {
        "name": "sums",
        "description": "Sums of two numbers, for tests",
        "base_model": NOVA,
        "hyperparameters": {
            "epochCount": 4,
            "batchSize": 100,
            "trainingSamplePerPrompt": 4,
            "evalInterval": 5,
        },
        "probe": {"prompts": 10, "samples_per_prompt": 4},
    },
    "budget_usd_per_run": 1000,
}
KNOWN = {key: 1.0 for key in UNITS if key != "training_per_hour"}
ANSWERS = TokenSpread(p10=50, mean=100, p90=200, longest=300)


def settings(prices: dict[str, float] | None = None, **more: Any) -> RunSettings:
    own = SETTINGS["use_case"] | more.pop("use_case", {})  # type: ignore[operator]
    return RunSettings.model_validate({**SETTINGS, "use_case": own, "prices": prices or {}, **more})


def estimate(given: RunSettings, sizes: Sizes | None = None) -> Estimate:
    sizes = sizes or Sizes(1000, 50, 100, prompt_characters=400, answers=ANSWERS, reward_ms=20)
    plan = resolve(given.use_case, Facts(sizes.train, sizes.validation))
    asks = given.use_case.reward.judge
    prices = price_list("us-east-1", NOVA, given.prices, judge=asks.model if asks else None)
    return forecast(given, plan, sizes, prices)


def line(found: Estimate, what: str) -> Any:
    return next(item for item in found.lines if item.what == what)


def test_every_model_of_the_catalogue_is_in_the_table_of_its_region() -> None:
    from rft.catalogue import MODELS

    for model in MODELS.values():
        for region in model.regions:
            assert model.model_id in table()[region].models
            keys = price_list(region, model.model_id, Prices(), judge=None)
            assert set(keys) == set(UNITS) == set(Prices.model_fields)
            assert keys["reward_per_gb_second"].usd
            assert keys["training_per_hour"].usd is None
            assert keys["training_per_hour"].why


def test_a_price_has_a_source_and_no_price_has_a_reason() -> None:
    for broken in ({"usd": 1.0}, {"usd": 1.0, "source": "page"}, {"usd": None}):
        with pytest.raises(ValidationError):
            Entry.model_validate(broken)


def test_an_environments_price_goes_over_the_table() -> None:
    own = Prices(inference_per_million_input_tokens=9, training_per_hour=0)
    found = price_list("us-east-1", NOVA, own, architecture="x86_64")
    assert (found["inference_per_million_input_tokens"].usd, found["training_per_hour"].usd) == (9, 0)
    assert found["inference_per_million_output_tokens"].usd == 2.75
    assert found["reward_per_gb_second"].usd == 0.0000166667
    assert "no entry" in price_list("eu-west-1", NOVA, own)["transitions_per_thousand"].told


def test_the_expected_case_counts_every_token() -> None:
    found = estimate(settings(KNOWN))
    # 1000 x 4 x 4 rollouts; 40 steps, so validation at every fifth and at the end: 9 x 50
    assert found.rollouts == 16_000 + 450
    assert line(found, "training").usd == pytest.approx(16_000 * 200 / 1e6)
    assert line(found, "validation rollouts").usd == pytest.approx(450 * 200 / 1e6)
    assert line(found, "probe").usd == pytest.approx(40 * 200 / 1e6)
    assert line(found, "evaluation, base").usd == pytest.approx(100 * 200 / 1e6)
    assert line(found, "evaluation, candidate").usd == pytest.approx(100 * 200 / 1e6)
    scored = 16_450 + 40 + 200
    assert line(found, "reward duration").quantity == pytest.approx(scored * 0.02 * 0.5)
    assert line(found, "reward requests").usd == pytest.approx(scored / 1e6)
    assert found.total_usd == pytest.approx(sum(item.usd or 0 for item in found.lines), abs=1e-4)
    assert found.unknown == []
    assert found.training_usd_per_rollout == pytest.approx(200 / 1e6)
    assert all(item.assumption and item.price for item in found.lines)


def test_the_range_is_early_stopping_with_short_answers_to_all_epochs_with_long_ones() -> None:
    found = line(estimate(settings(KNOWN)), "training")
    assert found.usd_low == pytest.approx(8_000 * 150 / 1e6)
    assert found.usd_high == pytest.approx(16_000 * 300 / 1e6)
    without = line(
        estimate(settings(KNOWN), Sizes(1000, 0, 100, prompt_characters=400, answers=ANSWERS)), "training"
    )
    assert without.usd_low == pytest.approx(16_000 * 150 / 1e6)  # nothing to stop early by
    unmeasured = line(estimate(settings(KNOWN), Sizes(1000, 50, 100, prompt_characters=400)), "training")
    assert unmeasured.usd == pytest.approx(16_000 * (100 + 512) / 1e6)
    assert unmeasured.usd_high == pytest.approx(16_000 * (100 + 1024) / 1e6)
    assert "no probe" in unmeasured.assumption


def test_a_judge_is_counted_by_its_votes_and_has_a_price_only_in_the_table() -> None:
    def judged(model: str) -> Estimate:
        return estimate(
            settings(use_case={"reward": {"judge": {"model": model, "votes": 3, "max_tokens": 200}}})
        )

    found = line(judged("us.amazon.nova-pro-v1:0"), "judge")
    scored = 16_450 + 40 + 200
    assert found.usd == pytest.approx(scored * 3 * (600 * 0.80 + 100 * 3.20) / 1e6)
    assert "judge" in judged("some.other-model-v1:0").unknown


def test_a_price_that_nobody_states_is_unknown_and_a_person_decides() -> None:
    given = settings()
    found = estimate(given)
    assert found.unknown == ["training", "validation rollouts"]
    assert found.told.startswith("at least ")
    assert (found.training_usd_per_rollout, found.training_usd_per_hour) == (None, None)
    verdict = judge(given, found)
    assert not verdict.over
    assert "training" in verdict.ask


def test_an_hourly_price_alone_leaves_the_forecast_unknown_and_lets_the_job_be_watched() -> None:
    found = estimate(settings({"training_per_hour": 40}))
    assert "40.00 USD an hour" in line(found, "training").price
    assert (found.unknown, found.training_usd_per_hour) == (["training"], 40)


def test_the_known_part_above_the_budget_refuses_even_with_unknown_prices() -> None:
    given = settings(budget_usd_per_run=0.01)
    assert "budget_usd_per_run is 0.01" in judge(given, estimate(given)).over
    own = settings(use_case={"budget": {"usd_per_run": 0.02}})
    assert "budget.usd_per_run is 0.02" in judge(own, estimate(own)).over


def test_with_every_price_known_the_threshold_decides() -> None:
    for threshold, asks in ((None, False), (1.0, True), (300.0, False)):
        given = settings(KNOWN, approvals={"spend_above_usd": threshold})
        assert bool(judge(given, estimate(given)).ask) is asks
