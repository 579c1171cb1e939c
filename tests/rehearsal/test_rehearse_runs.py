"""The whole pipeline, from an upload to a promoted model or a plain reason why not, on the local AWS."""

import json
import threading
from collections import Counter
from pathlib import Path

import pytest

from rehearsal import leftovers
from rehearsal.datasets import tag_first_record
from rehearsal.evidence import report
from rehearsal.production import logged_dataset
from rehearsal.runner import play
from rehearsal.scenarios import DEFAULT, SCENARIOS
from rehearsal.stage import Stage
from rft.cli.follow import Followed, SilentDisplay
from rft.runs.record import RunRecord, Status
from tests.rehearsal.rehearse_support import USE_CASES, Inbox, changed_sample, job_names, run, sample

pytestmark = [pytest.mark.rehearsal, pytest.mark.usefixtures("attached_stage")]


@pytest.mark.parametrize("use_case", USE_CASES)
def test_a_sample_dataset_ends_in_a_deployed_model_that_beats_its_base(
    stage: Stage, use_case: str, tmp_path: Path
) -> None:
    whole = use_case == "gsm8k"
    files = sample(use_case) if whole else changed_sample(tmp_path, use_case=use_case)
    played = play(stage, use_case, files, SCENARIOS[DEFAULT], shown=SilentDisplay())
    assert played.problems == []
    record = played.followed.record
    assert record is not None
    means = record.evaluations["test"].mean_by_target
    assert means["candidate"] > means["base"] + 0.1
    assert played.answer is not None
    assert played.answer.answer
    page = report(stage, played)
    assert page is not None
    assert "Simulated model" in page
    assert played.followed.snapshot.training[-1] > played.followed.snapshot.training[0]
    assert [note for note in record.notes if "goes on instead of the last" not in note] == []
    assert (
        waits(stage, record)["event" if record.settings.use_case.model.engine == "nova" else "timeout"] >= 1
    )


@pytest.mark.slow
def test_of_an_overfitted_job_an_earlier_checkpoint_is_promoted(stage: Stage, tmp_path: Path) -> None:
    files = changed_sample(tmp_path, lambda lines: tag_first_record(lines, "overfit"), use_case="gsm8k-open")
    played = play(stage, "gsm8k-open", files, SCENARIOS["overfit"], shown=SilentDisplay(), dataset="overfit")
    assert played.problems == []
    record = played.followed.record
    assert record is not None
    assert record.stable is not None
    (chosen,) = [score for score in record.checkpoints if score.chosen]
    last = record.checkpoints[-1]
    assert chosen.step < last.step
    assert chosen.mean > last.mean + last.standard_error
    assert record.stable.model_arn == chosen.model_id


def waits(stage: Stage, record: RunRecord) -> Counter[str]:
    """How the workflow's waits for the job ended: by Bedrock's event, or by the time limit."""
    client, ended = stage.local.client("stepfunctions"), Counter[str]()
    machine = record.execution_arn.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    watches = client.list_executions(stateMachineArn=machine.replace("-pipeline", "-watch"))["executions"]
    for watch in watches:
        if (
            json.loads(client.describe_execution(executionArn=watch["executionArn"])["input"])["run_id"]
            != record.run_id
        ):
            continue
        for event in client.get_execution_history(executionArn=watch["executionArn"])["events"]:
            resource = event.get("taskSucceededEventDetails", {}).get("resource", "")
            ended["event"] += resource.endswith("waitForTaskToken")
            ended["timeout"] += event.get("taskFailedEventDetails", {}).get("error") == "States.Timeout"
    return ended


def test_a_lost_event_costs_a_watch_interval_and_nothing_else(stage: Stage, tmp_path: Path) -> None:
    files = changed_sample(tmp_path, lambda lines: tag_first_record(lines, "lost"))
    played = play(
        stage, "gsm8k", files, SCENARIOS["lost-completion-event"], shown=SilentDisplay(), dataset="lost"
    )
    assert played.problems == []
    assert played.followed.record is not None
    assert waits(stage, played.followed.record)["timeout"] >= 1


PLAYED_ELSEWHERE = {DEFAULT, "lost-completion-event"}
NEED_A_LONG_TRAINING = {"entropy-collapse", "reward-hacking"}
SLOW = {
    "approval-expired",
    "approval-forbidden",
    "approval-needed",
    "approval-rejected",
    "budget-during-training",
    "crash-after-launch",
    "deployment-failed",
    "duplicate-event",
    "entropy-collapse",
    "flat-reward",
    "no-improvement",
    "over-budget",
    "quota-full",
    "reward-hacking",
    "reward-redeployed-midway",
    "stalled",
    "throttled",
    "too-easy",
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
        for name, one in SCENARIOS.items()
        if "nova" in one.engines and name not in PLAYED_ELSEWHERE
    ],
)
def test_a_scenario_ends_as_promised_with_nothing_left_behind(
    stage: Stage, name: str, tmp_path: Path, inbox: Inbox
) -> None:
    files = sample("gsm8k") if name in NEED_A_LONG_TRAINING else changed_sample(tmp_path)
    played = play(stage, "gsm8k", files, SCENARIOS[name], shown=SilentDisplay())
    assert played.problems == []
    assert {f"rft-local-gsm8k-{section}" for section in played.alarms.rang} <= alarms_told(inbox)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "budget-during-training",
        "entropy-collapse",
        "lost-completion-event",
        "reward-breaks-midway",
        "reward-hacking",
        "stalled",
    ],
)
def test_a_scenario_ends_as_promised_with_an_open_weight_model(stage: Stage, name: str) -> None:
    played = play(stage, "gsm8k-open", sample("gsm8k-open"), SCENARIOS[name], shown=SilentDisplay())
    assert played.problems == []


def alarms_told(inbox: Inbox) -> set[str]:
    """Names of the alarms that have told the alert topic that they ring."""
    told = [json.loads(body)["Message"] for body in inbox.read().splitlines()]
    changes = [json.loads(message) for message in told if '"NewStateValue"' in message]
    return {change["AlarmName"] for change in changes if change["NewStateValue"] == "ALARM"}


def test_what_production_logged_is_trained_on(stage: Stage, tmp_path: Path) -> None:
    told: list[str] = []
    files = changed_sample(tmp_path)
    logged = logged_dataset(stage, "gsm8k", "amazon.nova-2-lite-v1:0", files, tmp_path / "logs", told.append)
    assert "40 test; 170 of 340" in told[-1]  # each half of the logs is of no use to the other
    record = run(stage, logged, dataset="logged").record
    assert record is not None
    assert record.status == Status.SUCCEEDED
    assert record.validation is not None
    assert (record.validation.errors, record.validation.page[:5]) == (0, "s3://")


def test_the_same_upload_twice_trains_once(stage: Stage, tmp_path: Path) -> None:
    files = changed_sample(tmp_path, lambda lines: tag_first_record(lines, "twice"))
    first = run(stage, files, dataset="twice")
    jobs = job_names(stage)
    second = run(stage, files, dataset="twice")
    assert first.record is not None
    assert second.record is not None
    assert second.view.status == "SUCCEEDED"
    assert (first.record.status, second.record.run_id) == (Status.SUCCEEDED, first.record.run_id)
    assert second.record.duplicates == 1
    assert job_names(stage) == jobs


@pytest.mark.slow
def test_two_uploads_at_once_train_one_after_the_other(stage: Stage, tmp_path: Path) -> None:
    ended: dict[str, Followed] = {}

    def submit(name: str) -> None:
        folder = tmp_path / name
        folder.mkdir()
        ended[name] = run(
            stage, changed_sample(folder, lambda lines: tag_first_record(lines, name)), dataset=name
        )

    threads = [threading.Thread(target=submit, args=(name,)) for name in ("left", "right")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = [ended[name].record for name in ("left", "right")]
    jobs = sorted(
        (record.job for record in records if record and record.job), key=lambda job: job.launched_at
    )
    assert [record.status for record in records if record] == [Status.SUCCEEDED, Status.SUCCEEDED]
    assert len(jobs) == 2
    assert jobs[0].ended_at is not None
    assert jobs[1].launched_at >= jobs[0].ended_at
    assert leftovers.find(stage.local, stage.names, USE_CASES) == []


def test_a_job_role_without_one_permission_fails_with_that_denial_in_the_record(
    stage: Stage, tmp_path: Path, inbox: Inbox
) -> None:
    iam = stage.local.client("iam")
    role = "rft-local-gsm8k-job"
    found = {
        name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    }
    assert "lambda:InvokeFunction" in json.dumps(found)
    for name, document in found.items():
        kept = [part for part in document["Statement"] if "lambda:InvokeFunction" not in json.dumps(part)]
        iam.put_role_policy(
            RoleName=role, PolicyName=name, PolicyDocument=json.dumps({**document, "Statement": kept})
        )
    try:
        files = changed_sample(tmp_path, lambda lines: tag_first_record(lines, "denied"))
        record = run(stage, files, dataset="denied").record
    finally:
        for name, document in found.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    assert record is not None
    assert record.status == Status.FAILED
    assert record.failure is not None
    assert record.failure.error == "TrainingFailed"
    assert "AccessDenied" in record.failure.cause
    assert "lambda:InvokeFunction" in record.failure.cause
    assert record.run_id in inbox.read()
    assert leftovers.find(stage.local, stage.names, USE_CASES) == []
