"""What the workflow's handlers report: metrics in their logs, alarms on the deployment, the page with its answers."""

import json
from typing import Any

import pytest

from rft import aws, objects
from rft.monitoring import deployment_alarms
from rft.names import RunKeys
from tests.unit.run_world import USE_CASE, World
from tests.unit.test_approval import YES
from tests.unit.test_handlers_run import compare, prepare, train


def emitted(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """Metrics in the embedded metric format that were printed since the last look."""
    lines = [line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    found: dict[str, float] = {}
    for document in map(json.loads, lines):
        for directive in document["_aws"]["CloudWatchMetrics"]:
            found |= {metric["Name"]: document[metric["Name"]][0] for metric in directive["Metrics"]}
    return found


def promoted(world: World) -> str:
    run_id = prepare(world)
    train(world, run_id)
    compare(world, run_id)
    world.call("promote", run_id=run_id)
    world.call("observe", run_id=run_id)
    return run_id


def test_watch_and_queue_report_what_the_alarms_compare(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id = prepare(world)
    train(world, run_id)
    world.engine.job_status = "InProgress"
    capsys.readouterr()
    world.call("watch_training", run_id=run_id)
    watched = emitted(capsys)
    assert 0 <= watched["SecondsWithoutSamples"] < 300
    assert "TrainingRewardDrop" not in watched  # nothing was scored yet
    world.call("acquire_training_slot", run_id=run_id)
    assert emitted(capsys) == {"SlotWaitSeconds": 0}


def test_a_question_is_open_until_it_is_settled(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = prepare(world)
    world.call("request_approval", run_id=run_id, subject="spend", task_token="t")
    assert emitted(capsys)["OpenApprovals"] == 1
    world.call("record_approval", run_id=run_id, subject="spend", answer=YES)
    assert emitted(capsys)["OpenApprovals"] == 0


@pytest.mark.parametrize("aborted", [True, False])
def test_a_question_of_a_run_that_ends_is_open_no_more(
    world: World, capsys: pytest.CaptureFixture[str], aborted: bool
) -> None:
    run_id = prepare(world)
    world.call("request_approval", run_id=run_id, subject="spend", task_token="t")
    capsys.readouterr()
    if aborted:
        arn = world.store.get(run_id).execution_arn
        world.call("compensate", execution_arn=arn, status="ABORTED", reason="aborted")
    else:
        world.call("compensate", run_id=run_id, reason="failed")
    assert emitted(capsys)["OpenApprovals"] == 0


def test_an_observed_deployment_has_alarms_of_its_own(world: World) -> None:
    run_id = promoted(world)
    stable = world.store.get(run_id).stable
    assert stable is not None
    wanted = [f"rft-{world.name}-{USE_CASE}-{section}" for section in deployment_alarms.INFERENCE]
    found = aws.client("cloudwatch").describe_alarms(AlarmNames=wanted)["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in found} == set(wanted)
    assert {alarm["Dimensions"][0]["Value"] for alarm in found} == {stable.arn}
    assert world.store.get(run_id).notes == []


def test_a_promotion_does_not_fail_for_want_of_alarms(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise PermissionError("no cloudwatch:PutMetricAlarm")

    monkeypatch.setattr(deployment_alarms, "put_alarms", refused)
    run_id = promoted(world)
    stable = world.store.get(run_id).stable
    assert stable is not None
    assert stable.observed
    assert any(
        "no alarms watch" in note and "PutMetricAlarm" in note for note in world.store.get(run_id).notes
    )


def test_answers_are_on_the_page_and_nowhere_else(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    run_id = promoted(world)
    world.call("record_run", run_id=run_id, outcome="SUCCEEDED", failure=None)
    keys = RunKeys(USE_CASE, run_id)
    page = objects.read_bytes(world.artifacts, keys.report).decode()
    assert "Improved most" in page
    assert "I do not know" in page
    assert "plus 1?" in page
    elsewhere = capsys.readouterr().out + objects.read_bytes(world.artifacts, keys.manifest).decode()
    elsewhere += world.store.get(run_id).model_dump_json()
    assert "plus 1?" not in elsewhere
    assert "I do not know" not in elsewhere
