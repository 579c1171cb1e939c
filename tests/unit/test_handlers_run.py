"""The workflow's handlers in their order: a run from upload to promotion, and every way it can end."""

import json
from typing import Any

import pytest

from rft import aws, errors, objects
from rft.names import RunKeys
from rft.runs import manifest
from rft.runs.record import Status
from tests.unit.run_world import REWARD_ARN, USE_CASE, World, handler, records


def prepare(world: World, data: bytes | None = None) -> str:
    run_id = world.register(**world.upload(data if data is not None else records(260)))
    world.call("validate_dataset", run_id=run_id)
    return run_id


def evaluate(world: World, run_id: str, phase: str) -> dict[str, Any]:
    where = world.call("plan_evaluation", run_id=run_id, phase=phase)
    items = [json.loads(line) for line in objects.lines(where["bucket"], where["key"])]
    for start in range(0, len(items), where["batch_size"]):
        world.call(
            "evaluate_batch", run_id=run_id, phase=phase, items=items[start : start + where["batch_size"]]
        )
    return world.call("summarise_evaluation", run_id=run_id, phase=phase)


def train(world: World, run_id: str) -> None:
    evaluate(world, run_id, "probe")
    world.call("assess_probe", run_id=run_id)
    world.call("estimate_cost", run_id=run_id)
    world.call("acquire_training_slot", run_id=run_id)
    world.call("launch_training", run_id=run_id)
    world.engine.job_status = "Completed"
    world.call("watch_training", run_id=run_id)
    world.call("release_training_slot", run_id=run_id)


def compare(world: World, run_id: str) -> dict[str, Any]:
    world.call("deploy_candidate", run_id=run_id)
    assert world.call("check_deployment", run_id=run_id, which="candidate") == {"ready": True}
    evaluate(world, run_id, "test")
    return world.call("gate", run_id=run_id)


def test_a_better_candidate_is_promoted_observed_and_recorded(world: World) -> None:
    run_id = prepare(world)
    audited = world.call("audit_reward", run_id=run_id)
    assert (audited["checked"], audited["mean"], audited["passed"]) == (64, 1.0, True)
    train(world, run_id)
    assert compare(world, run_id) == {"decision": "promote", "needs_approval": False}
    arn = world.call("promote", run_id=run_id)["deployment_arn"]
    assert world.call("check_deployment", run_id=run_id, which="stable") == {"ready": True}
    assert world.call("observe", run_id=run_id)["mean_reward"] > 0.3
    assert world.call("compensate", run_id=run_id, reason="finished") == {
        "done": ["removed the candidate's deployment"]
    }
    told = world.call("record_run", run_id=run_id, outcome="SUCCEEDED", failure=None)

    record = world.store.get(run_id)
    assert told["status"] == record.status == Status.SUCCEEDED
    assert arn in told["message"]
    assert len(told["subject"]) < 100
    assert aws.get_parameter(world.variables["RFT_DEPLOYMENT_PARAMETER"]) == arn
    assert list(world.engine.deployments) == [f"rft-{world.name}-sums"]
    means = record.evaluations["test"].mean_by_target
    assert means["candidate"] > means["base"]
    assert set(record.evaluations["test"].mean_by_slice) == {"even", "odd"}
    stored = json.loads(objects.read_bytes(world.artifacts, f"sums/runs/{run_id}/manifest.json"))
    assert manifest.is_intact(stored)
    assert stored["dataset"]["train"]["records"] == 260
    assert stored["audit"]["sha256"] == audited["sha256"]
    assert [moment.state for moment in record.timeline] == [
        "RegisterRun",
        "ValidateDataset",
        "AuditReward",
        "ProbeBaseModel",
        "AssessProbe",
        "EstimateCost",
        "AcquireTrainingSlot",
        "LaunchTraining",
        "WatchTraining",
        "ReleaseTrainingSlot",
        "DeployCandidate",
        "Evaluate",
        "Gate",
        "Promote",
        "Observe",
        "CleanUp",
        "RecordRun",
    ]


def test_every_step_may_be_repeated_without_harm(world: World) -> None:
    run_id = prepare(world)
    world.call("validate_dataset", run_id=run_id)
    train(world, run_id)
    world.call("launch_training", run_id=run_id)
    assert len(world.engine.requests) == 1
    first = compare(world, run_id)
    assert compare(world, run_id) == first
    before = world.store.get(run_id).gate
    world.call("promote", run_id=run_id)
    world.call("promote", run_id=run_id)
    world.call("gate", run_id=run_id)
    after = world.store.get(run_id)
    assert after.gate == before
    assert after.stable is not None
    assert after.stable.previous_model_arn is None
    assert world.call("compensate", run_id=run_id, reason="failed")["done"]
    assert world.call("compensate", run_id=run_id, reason="failed") == {"done": []}
    assert world.engine.deployments == {}


def test_a_candidate_that_is_no_better_is_held(world: World) -> None:
    world.engine.tuned_skill = world.engine.base_skill
    run_id = prepare(world)
    train(world, run_id)
    assert compare(world, run_id)["decision"] == "hold"
    world.call("compensate", run_id=run_id, reason="held")
    told = world.call("record_run", run_id=run_id, outcome="HELD", failure=None)
    assert "held by the gate" in told["subject"]
    assert "gate.min_improvement" in told["message"]
    assert world.engine.deployments == {}


def test_a_failed_promotion_is_moved_back_to_the_model_before(world: World) -> None:
    stable = f"rft-{world.name}-sums"
    world.engine.deploy(stable, "arn:old-model", "token", {})
    run_id = prepare(world)
    train(world, run_id)
    compare(world, run_id)
    world.call("promote", run_id=run_id)
    world.engine.tuned_skill = 0
    with pytest.raises(errors.SmokeTestFailed, match=r"smoke_test\.min_mean_reward"):
        world.call("observe", run_id=run_id)
    done = world.call("compensate", run_id=run_id, reason="failed")["done"]
    assert "moved the stable deployment back to the model before" in done
    assert world.engine.deployments[stable].serves == "arn:old-model"
    assert aws.get_parameter(world.variables["RFT_DEPLOYMENT_PARAMETER"]) is None


def test_an_observed_promotion_is_never_rolled_back(world: World) -> None:
    run_id = prepare(world)
    train(world, run_id)
    compare(world, run_id)
    world.call("promote", run_id=run_id)
    world.call("observe", run_id=run_id)
    world.call("compensate", run_id=run_id, reason="failed")
    assert list(world.engine.deployments) == [f"rft-{world.name}-sums"]


def test_the_job_request_names_what_the_run_pinned(world: World) -> None:
    run_id = prepare(world)
    train(world, run_id)
    (request,) = world.engine.requests
    assert request.name == f"rft-{world.name}-sums-{run_id}"
    assert request.token == run_id
    assert request.train_uri == f"s3://{world.artifacts}/sums/runs/{run_id}/dataset/train.jsonl"
    assert request.validation_uri == f"s3://{world.artifacts}/sums/runs/{run_id}/dataset/validation.jsonl"
    assert request.reward_function_arn == REWARD_ARN
    assert request.hyperparameters == {
        "epochCount": 2,
        "batchSize": 32,
        "learningRate": 1e-4,
        "trainingSamplePerPrompt": 4,
        "maxPromptLength": 256,
        "inferenceMaxTokens": 64,
        "evalInterval": 6,
    }
    first = json.loads(next(iter(objects.lines(world.artifacts, f"sums/runs/{run_id}/dataset/train.jsonl"))))
    assert first["rft"]["run"] == run_id
    assert first["rft"]["split"] == "train"


def test_a_failing_job_ends_in_its_own_words_and_leaves_nothing(world: World) -> None:
    run_id = prepare(world)
    world.call("acquire_training_slot", run_id=run_id)
    world.call("launch_training", run_id=run_id)
    world.engine.job_status = "Failed"
    with pytest.raises(errors.TrainingFailed, match="the reward function timed out") as caught:
        world.call("watch_training", run_id=run_id)
    assert world.call("compensate", run_id=run_id, reason="failed")["done"] == ["released the training slot"]
    cause = json.dumps({"errorMessage": str(caught.value), "errorType": "TrainingFailed", "stackTrace": []})
    failure = {"state": "WatchTraining", "error": "TrainingFailed", "cause": cause}
    told = world.call("record_run", run_id=run_id, outcome="FAILED", failure=failure)
    assert "Failed in:   WatchTraining" in told["message"]
    assert "TrainingFailed: job" in told["message"]
    assert "errorMessage" not in told["message"]
    assert world.store.get(run_id).status is Status.FAILED


def test_a_failure_while_training_stops_the_job(world: World) -> None:
    run_id = prepare(world)
    world.call("launch_training", run_id=run_id)
    assert "stopped the job" in world.call("compensate", run_id=run_id, reason="failed")["done"]
    assert len(world.engine.stopped) == 1


def test_a_job_whose_arn_was_never_stored_is_found_and_stopped(world: World) -> None:
    run_id = prepare(world)
    world.call("launch_training", run_id=run_id)
    world.store.set(run_id, "job", None)
    assert "stopped the job" in world.call("compensate", run_id=run_id, reason="failed")["done"]


@pytest.mark.parametrize(("skill", "words"), [(0, "probe.min_mean_reward"), (10, "probe.max_mean_reward")])
def test_a_base_model_with_nothing_to_learn_is_not_trained(world: World, skill: int, words: str) -> None:
    world.engine.base_skill = skill
    run_id = prepare(world)
    evaluate(world, run_id, "probe")
    with pytest.raises(errors.NotWorthTraining, match=words):
        world.call("assess_probe", run_id=run_id)
    probe = world.store.get(run_id).probe
    assert probe is not None
    assert probe.verdict == ("too-hard" if skill == 0 else "too-easy")
    keys = RunKeys(USE_CASE, run_id)
    page = objects.read_bytes(world.artifacts, keys.probe_page).decode()
    assert probe.verdict.upper() in page
    assert "What is" in page
    report = objects.read_bytes(world.artifacts, keys.probe_report).decode()
    assert "What is" not in report
    assert json.loads(report)["prompts"] == 8


def test_an_estimate_above_the_budget_stops_the_run(world: World) -> None:
    world.settings = world.settings.model_copy(update={"budget_usd_per_run": 0.000001})
    world.save_settings()
    run_id = prepare(world)
    evaluate(world, run_id, "probe")
    with pytest.raises(errors.OverBudget, match="budget_usd_per_run"):
        world.call("estimate_cost", run_id=run_id)
    estimate = world.store.get(run_id).estimate
    assert estimate is not None
    assert estimate.total_usd > 0


def test_a_missing_permission_reaches_the_run_record_by_name(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    def denied(*_: Any) -> Any:
        said = {
            "Error": {"Code": "AccessDeniedException", "Message": "not authorized to perform: lambda:Invoke"}
        }
        raise ClientError(said, "Invoke")  # type: ignore[arg-type]

    run_id = prepare(world)
    monkeypatch.setattr(aws, "invoke", denied)
    with pytest.raises(aws.AccessDenied, match="lambda:Invoke"):
        world.call("audit_reward", run_id=run_id)


def test_a_reward_that_scores_its_reference_low_is_rejected(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def zero(_: str, payload: Any) -> Any:
        return [{"id": sample["id"], "aggregate_reward_score": 0.0} for sample in payload]

    run_id = prepare(world)
    monkeypatch.setattr(aws, "invoke", zero)
    with pytest.raises(errors.RewardRejected, match=r"64 of 64 .* training record 1 scores 0\.000"):
        world.call("audit_reward", run_id=run_id)


def test_handlers_stay_under_80_lines() -> None:
    from tests.unit.run_world import ROOT

    for path in (ROOT / "lambda").glob("*/handler.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 80, path
    assert callable(handler("gate").handler)


def test_a_stable_deployment_that_never_came_up_is_made_anew(world: World) -> None:
    stable = f"rft-{world.name}-sums"
    run_id = prepare(world)
    train(world, run_id)
    compare(world, run_id)
    world.engine.new_deployment_status = "Failed"
    world.engine.deploy(stable, "arn:old-model", "token", {})
    world.engine.new_deployment_status = "Active"
    world.call("promote", run_id=run_id)
    assert world.engine.deployments[stable].serves == world.engine.model_arn
    world.call("compensate", run_id=run_id, reason="failed")
    assert world.engine.deployments == {}
