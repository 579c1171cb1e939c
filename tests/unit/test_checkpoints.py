"""The one-standard-error rule, and the choice that DeployCandidate makes with it."""

from itertools import pairwise
from typing import Any

import pytest

from rft import aws
from rft.engines.base import Capabilities, Checkpoint
from rft.errors import DeploymentFailed, EvaluationFailed, TrainingStopped
from rft.evaluation.checkpoints import MAX_CANDIDATES, choose, prompts_each, scored, thinned
from rft.monitoring import live_trace
from rft.monitoring.trace import Point
from rft.runs import notify
from tests.unit.run_world import World
from tests.unit.test_handlers_run import evaluate, prepare, train

CANDIDATES = [Checkpoint(step, f"m{step}") for step in (10, 20, 30, 40)]


def rewards(*shares: float, count: int = 40) -> dict[str, list[float]]:
    """0 and 1 rewards with the given means, of the candidates in their order."""
    return {
        candidate.model_id: [1.0] * round(share * count) + [0.0] * (count - round(share * count))
        for candidate, share in zip(CANDIDATES, shares, strict=False)
    }


@pytest.mark.parametrize(
    ("shares", "chosen", "best"),
    [
        ((0.2, 0.5, 0.9, 0.6), 30, 30),  # the end is overfitted
        ((0.2, 0.5, 0.7, 0.95), 40, 40),  # still learning at the end
        (
            (0.2, 0.85, 0.9, 0.9),
            30,
            30,
        ),  # of equals the earliest is the best; 0.85 lies further than its error
        ((0.2, 0.875, 0.9, 0.9), 20, 30),  # within one standard error (0.048) of the best
        ((0.5, 0.5, 0.5, 0.5), 10, 10),
    ],
)
def test_the_earliest_within_one_standard_error_of_the_best_is_chosen(
    shares: tuple[float, ...], chosen: int, best: int
) -> None:
    choice = choose(CANDIDATES[::-1], rewards(*shares))
    assert (choice.chosen.step, choice.best.step) == (chosen, best)
    assert [score.step for score in choice.scores] == [10, 20, 30, 40]


def test_the_standard_error_is_that_of_a_mean() -> None:
    assert scored(CANDIDATES[0], [0.0, 1.0]).standard_error == pytest.approx(0.5)
    assert scored(CANDIDATES[0], [1.0]).standard_error == 0.0


def test_a_candidate_without_scores_is_not_chosen_and_none_at_all_is_an_error() -> None:
    assert choose(CANDIDATES, {"m40": [0.1]}).chosen.step == 40
    with pytest.raises(EvaluationFailed, match="no checkpoint has a score"):
        choose(CANDIDATES, {})


def test_many_checkpoints_are_thinned_to_an_even_few_with_both_ends() -> None:
    kept = thinned([Checkpoint(step, f"m{step}") for step in range(100, 0, -1)])
    assert len(kept) == MAX_CANDIDATES
    assert (kept[0].step, kept[-1].step) == (1, 100)
    gaps = [after.step - before.step for before, after in pairwise(kept)]
    assert max(gaps) - min(gaps) <= 1
    assert thinned(CANDIDATES) == CANDIDATES
    assert prompts_each(8) == 30


@pytest.fixture
def open_world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    can = Capabilities(live_metrics=True, checkpoints=True, stop_keeps_model=True, needs_deployment=True)
    monkeypatch.setattr(type(world.engine), "capabilities", can)
    return world


def test_the_choice_is_recorded_with_its_scores_and_made_once(open_world: World) -> None:
    world, run_id = open_world, prepare(open_world)
    # The fake engine answers better through anything that looks like a deployment.
    good = "arn:custom-model-deployment/step-20"
    world.engine.saved = [Checkpoint(10, "weak"), Checkpoint(20, good)]
    train(world, run_id)
    world.call("deploy_candidate", run_id=run_id)
    record = world.store.get(run_id)
    assert record.candidate is not None
    assert record.candidate.model_arn == good
    assert [(score.step, score.chosen) for score in record.checkpoints] == [
        (10, False),
        (20, True),
        (21, False),
    ]
    assert any("after step 20 goes on instead of the last" in note for note in record.notes)
    world.engine.saved = []
    world.call("deploy_candidate", run_id=run_id)
    again = world.store.get(run_id).candidate
    assert again is not None
    assert replace_time(again) == replace_time(record.candidate)


def replace_time(deployment: Any) -> Any:
    return deployment.model_copy(update={"created_at": ""})


def test_without_checkpoints_the_final_model_goes_on(open_world: World) -> None:
    run_id = prepare(open_world)
    train(open_world, run_id)
    open_world.call("deploy_candidate", run_id=run_id)
    record = open_world.store.get(run_id)
    assert record.candidate is not None
    assert record.candidate.model_arn == open_world.engine.model_arn
    assert record.checkpoints == []


def launch(world: World) -> str:
    run_id = prepare(world)
    evaluate(world, run_id, "probe")
    for step in ("assess_probe", "estimate_cost", "acquire_training_slot", "launch_training"):
        world.call(step, run_id=run_id)
    return run_id


def test_of_a_job_stopped_for_harm_the_best_checkpoint_goes_on(
    open_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, run_id = open_world, launch(open_world)
    modes = {"length_spike": "enforced", "grad_norm_spike": "enforced"}
    world.store.set(run_id, ("settings", "use_case", "watch", "modes"), modes)
    lengths = [100.0] * 20 + [300.0, 300.0]
    norms = [1.0] * 20 + [90.0, 90.0]
    curve = [
        Point(step=step, episode_length=length, grad_norm=norm)
        for step, (length, norm) in enumerate(zip(lengths, norms, strict=True), start=1)
    ]
    monkeypatch.setattr(live_trace, "follow", lambda *_: curve)
    monkeypatch.setattr(notify, "CAPABILITIES", {"nova": world.engine.capabilities})
    sent: list[str] = []
    monkeypatch.setattr(aws, "publish", lambda topic, subject, body: sent.append(subject + body))
    assert world.call("watch_training", run_id=run_id)["decision"] == "abort"
    assert len(world.engine.stopped) == 1
    assert "training stopped" in sent[0]
    assert "the best of its checkpoints so far goes to the gate" in sent[0]
    with pytest.raises(TrainingStopped, match="no checkpoint yet"):
        world.call("watch_training", run_id=run_id)
    good = "arn:custom-model-deployment/step-20"
    world.engine.saved = [Checkpoint(10, "weak"), Checkpoint(20, good)]
    assert world.call("watch_training", run_id=run_id)["status"] == "Stopped"
    world.call("deploy_candidate", run_id=run_id)
    record = world.store.get(run_id)
    assert record.candidate is not None
    assert record.candidate.model_arn == good
    assert any("after step 20 goes on as the job was stopped" in note for note in record.notes)


def test_a_job_that_left_no_model_is_an_error(open_world: World) -> None:
    run_id = launch(open_world)
    with pytest.raises(DeploymentFailed, match="names no model"):
        open_world.call("deploy_candidate", run_id=run_id)
