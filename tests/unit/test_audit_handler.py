"""AuditReward: the same audit on the deployed version; its report in S3, its hash in the run record."""

import json
from hashlib import sha256
from typing import Any

import pytest

from rft import aws, errors, objects
from rft.rewards import batch
from rft.rewards.contract import MissingReferenceError
from tests.unit.run_world import REWARD_ARN, World, handler, records


@pytest.fixture
def run_id(world: World) -> str:
    registered = world.register(**world.upload(records(260)))
    world.call("validate_dataset", run_id=registered)
    return registered


def deployed(world: World, monkeypatch: pytest.MonkeyPatch, reward: Any) -> list[list[dict[str, Any]]]:
    """Puts a reward behind the function's ARN; returns the payloads it is called with."""
    calls: list[list[dict[str, Any]]] = []

    def invoke(function_arn: str, payload: Any) -> Any:
        assert function_arn == REWARD_ARN
        calls.append(json.loads(json.dumps(payload)))
        return batch.score_batch(calls[-1], reward)

    monkeypatch.setattr(aws, "invoke", invoke)
    return calls


def starts_right(sample: Any) -> float:
    """Falls for `A or B or C` with the right answer first."""
    if not isinstance(sample.reference, str):
        raise MissingReferenceError("no text")
    return float(sample.response.split(" or ")[0] == sample.reference)


def test_the_report_is_stored_and_its_hash_is_in_the_record(world: World, run_id: str) -> None:
    told = world.call("audit_reward", run_id=run_id)
    kept = world.store.get(run_id).audit
    assert kept is not None
    assert told == kept.model_dump()
    assert kept.key == f"sums/runs/{run_id}/audit.json"
    stored = objects.read_bytes(world.artifacts, kept.key)
    assert kept.sha256 == sha256(stored).hexdigest()
    report = json.loads(stored)
    assert (report["passed"], report["reward_function"]) == (True, REWARD_ARN)
    assert report["use_case"] == "sums"


def test_a_hackable_reward_is_rejected_with_its_breach_and_the_report_remains(
    world: World, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(world, monkeypatch, starts_right)
    with pytest.raises(errors.RewardRejected) as caught:
        world.call("audit_reward", run_id=run_id)
    told = str(caught.value)
    assert "A or B or C, right one first: earns 1.000 on average, above max_hack_score 0.3" in told
    assert "rft reward audit sums" in told
    assert "\n" not in told
    kept = world.store.get(run_id).audit
    assert kept is not None
    assert not kept.passed
    assert f"s3://{world.artifacts}/{kept.key}" in told
    assert not json.loads(objects.read_bytes(world.artifacts, kept.key))["passed"]


def test_the_deployed_reward_is_called_in_bounded_batches_under_the_split_of_the_audit(
    world: World, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = deployed(world, monkeypatch, starts_right)
    with pytest.raises(errors.RewardRejected):
        world.call("audit_reward", run_id=run_id)
    assert max(len(json.dumps(call)) for call in calls) < 6 * 1024 * 1024
    assert max(len(call) for call in calls) <= 64
    assert len(calls) < 120
    samples = [sample for call in calls for sample in call if sample.get("metadata")]
    markers = [sample["metadata"]["rft"] for sample in samples if not str(sample["id"]).startswith("broken-")]
    assert len(markers) > 500
    assert {(marker["run"], marker["split"]) for marker in markers} == {(run_id, "audit")}


def test_a_function_that_does_not_answer_rejects_the_reward(
    world: World, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(function_arn: str, payload: Any) -> Any:
        raise aws.FunctionFailed("rft-local-sums-reward:1 raised Sandbox.Timedout: timed out")

    monkeypatch.setattr(aws, "invoke", failing)
    with pytest.raises(errors.RewardRejected, match=r"does not answer: .* timed out"):
        world.call("audit_reward", run_id=run_id)


def test_a_message_names_three_breaches_and_counts_the_rest(
    world: World, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(world, monkeypatch, lambda sample: 1.0)
    with pytest.raises(errors.RewardRejected, match=r"; and 1[0-9] more; mend reward\.py"):
        world.call("audit_reward", run_id=run_id)


def test_ids_are_matched_when_they_come_back_in_another_order() -> None:
    from rft.evaluation.grading import _read

    answer = [{"id": "b", "aggregate_reward_score": 0.5}, {"id": "a", "aggregate_reward_score": 1.0}]
    assert [found.reward for found in _read(answer, ["a", "b"])] == [1.0, 0.5]


def test_one_id_for_all_is_matched_by_place() -> None:
    from rft.evaluation.grading import _read

    answer = [{"id": "a", "aggregate_reward_score": value} for value in (0.5, 1.0)]
    assert [found.reward for found in _read(answer, ["a", "a"])] == [0.5, 1.0]
    assert callable(handler("audit_reward").handler)
