"""Paths through the main machine: what is called, in which order, and how the run ends."""

import json
from typing import Any

import pytest

from rft.catalogue import MAX_JOB_SECONDS
from rft.settings import MIN_WATCH_SECONDS
from tests.workflow.interpreter import Execution, TaskError, load

PIPELINE = load("rft_pipeline")
UPLOAD = {"bucket": "datasets", "key": "gsm8k/first/train.jsonl"}
REPLIES: dict[str, Any] = {
    "RegisterRun": {
        "run_id": "0123456789abcdef",
        "duplicate": False,
        "timing": {"approval_timeout_seconds": 3600, "watch_interval_seconds": 900},
    },
    "EstimateCost": {"estimate_usd": 3.2, "needs_approval": False},
    "AcquireTrainingSlot": {
        "acquired": True,
        "holders": ["gsm8k/0123456789abcdef"],
        "place": 0,
        "wait_seconds": 0,
    },
    "WatchJob": {"status": "Completed", "decision": "continue"},
    "CheckCandidate": {"ready": True},
    "CheckPromotion": {"ready": True},
    "Gate": {"decision": "promote", "needs_approval": False},
    "RecordRun": {"status": "SUCCEEDED", "subject": "done", "message": "all good"},
}
FAILABLE = [
    name
    for name, state in PIPELINE["States"].items()
    if state["Type"] == "Task"
    and state["Catch"][-1]["Next"] == "Compensate"
    and not name.startswith("Approve")
    and not name.endswith("Approval")
]


def execute(replies: dict[str, Any] | None = None, failures: dict[str, TaskError] | None = None) -> Execution:
    """Run the machine; a list in `replies` gives one reply per visit, the last one again and again."""
    script = REPLIES | (replies or {})

    def service(name: str, resource: str, arguments: dict[str, Any]) -> Any:
        if failures and name in failures:
            raise failures[name]
        reply = script.get(name, {})
        if isinstance(reply, list):
            reply = reply.pop(0) if len(reply) > 1 else reply[0]
        if isinstance(reply, TaskError):
            raise reply
        json.dumps(arguments)
        if resource.endswith(".waitForTaskToken"):
            return reply
        return {"Payload": reply} if resource.endswith("lambda:invoke") else {"Output": reply}

    return Execution(PIPELINE, service).run(UPLOAD)


def watch(waits: list[Any], looks: list[Any], max_rounds: int = 200) -> Execution:
    """Run the machine that watches a job, with one reply per visit, the last one again and again."""
    script = {"AwaitJobEvent": waits, "WatchTraining": looks}

    def service(name: str, resource: str, arguments: dict[str, Any]) -> Any:
        replies = script[name]
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if isinstance(reply, TaskError):
            raise reply
        return {"Payload": reply} if resource.endswith("lambda:invoke") else reply

    given = {"run_id": "r", "watch_interval_seconds": 900, "max_rounds": max_rounds}
    return Execution(load("watch_job"), service).run(given)


def look(wait: int, status: str = "InProgress") -> dict[str, Any]:
    """What WatchTraining returns."""
    return {"status": status, "decision": "continue", "next_look_seconds": wait}


def argument(execution: Execution, name: str) -> dict[str, Any]:
    return dict(execution.calls)[name]


def test_a_good_dataset_ends_in_a_promoted_model():
    execution = execute()
    assert execution.status == "SUCCEEDED"
    order = [name for name, _ in execution.calls]
    assert order == [
        "RegisterRun", "ValidateDataset", "AuditReward", "ProbeBaseModel", "AssessProbe", "EstimateCost",
        "AcquireTrainingSlot", "LaunchTraining", "WatchJob", "ReleaseTrainingSlot",
        "DeployCandidate", "CheckCandidate", "Evaluate", "Gate", "Promote", "CheckPromotion", "Observe",
        "CleanUp", "RecordRun", "Notify",
    ]  # fmt: skip
    assert argument(execution, "RecordRun")["Payload"] == {
        "run_id": "0123456789abcdef",
        "execution_arn": "arn:execution",
        "outcome": "SUCCEEDED",
        "failure": None,
    }


def test_the_same_upload_again_does_nothing():
    execution = execute({"RegisterRun": REPLIES["RegisterRun"] | {"duplicate": True}})
    assert execution.status == "SUCCEEDED"
    assert execution.visited == ["Begin", "RegisterRun", "IsDuplicate", "AlreadyRegistered"]


def test_a_held_candidate_is_removed_and_is_no_failure():
    execution = execute({"Gate": {"decision": "hold", "needs_approval": False}})
    assert execution.status == "SUCCEEDED"
    assert "Promote" not in execution.visited
    assert argument(execution, "CleanUp")["Payload"]["reason"] == "held"
    assert argument(execution, "RecordRun")["Payload"]["outcome"] == "HELD"


@pytest.mark.parametrize("name", FAILABLE)
def test_any_failure_is_compensated_recorded_and_notified(name):
    execution = execute(failures={name: TaskError("DatasetRejected", "line 3: bad")})
    assert execution.status == "FAILED"
    assert execution.visited[-5:] == ["Compensate", "RecordRun", "Notify", "HasFailed", "Failed"]
    recorded = argument(execution, "RecordRun")["Payload"]
    assert recorded["outcome"] == "FAILED"
    assert recorded["failure"] == {"state": name, "error": "DatasetRejected", "cause": "line 3: bad"}
    assert (execution.error, execution.cause) == ("DatasetRejected", f"{name}: line 3: bad")


def test_a_failed_compensation_keeps_the_first_cause():
    execution = execute(
        failures={"Gate": TaskError("Boom", "first"), "Compensate": TaskError("Bang", "second")}
    )
    failure = argument(execution, "RecordRun")["Payload"]["failure"]
    assert failure["state"] == "Gate"
    assert failure["error"] == "Boom"
    assert failure["cause"] == "first | Compensate also failed: Bang: second"


@pytest.mark.parametrize("name", ["RegisterRun", "RecordRun"])
def test_what_cannot_be_recorded_is_still_notified(name):
    execution = execute(failures={name: TaskError("BadUpload", "not a dataset")})
    assert execution.status == "FAILED"
    assert execution.visited[-2:] == ["NotifyUnrecorded", "Failed"]
    assert "BadUpload: not a dataset" in argument(execution, "NotifyUnrecorded")["Message"]


def test_a_lost_event_is_replaced_by_the_next_look():
    execution = watch(
        [TaskError("States.Timeout"), TaskError("States.Timeout"), {}],
        [look(900), look(200), look(112, "Completed")],
    )
    assert execution.status == "SUCCEEDED"
    assert execution.output == look(112, "Completed")
    assert execution.visited.count("WatchTraining") == 3
    assert [limit for name, limit in execution.time_limits if name == "AwaitJobEvent"] == [900, 900, 200]


def test_a_stopped_job_with_a_checkpoint_goes_on():
    assert watch([{}], [look(900), look(900, "Stopping"), look(900, "Stopped")]).output["status"] == "Stopped"
    assert execute({"WatchJob": look(900, "Stopped")}).visited.count("DeployCandidate") == 1


def test_a_long_job_is_handed_from_one_watching_execution_to_the_next():
    execution = watch([TaskError("States.Timeout")], [look(900)], max_rounds=7)
    assert execution.status == "SUCCEEDED"
    assert execution.output == look(900)
    assert execution.visited.count("WatchTraining") == 7
    parent = execute({"WatchJob": [{"status": "InProgress"}] * 5 + [{"status": "Completed"}]})
    assert parent.status == "SUCCEEDED"
    assert parent.visited.count("WatchJob") == 6


def test_what_fails_a_watch_fails_the_run_in_its_own_words():
    execution = watch([{}], [TaskError("TrainingStopped", "the reward is broken")])
    assert (execution.status, execution.error, execution.cause) == (
        "FAILED",
        "TrainingStopped",
        "the reward is broken",
    )


def test_a_taken_slot_is_waited_for():
    taken = {"acquired": False, "holders": ["sql/another"], "place": 1, "wait_seconds": 300}
    execution = execute({"AcquireTrainingSlot": [taken, taken, REPLIES["AcquireTrainingSlot"]]})
    assert execution.status == "SUCCEEDED"
    assert execution.visited.count("WaitForTrainingSlot") == 2


ASKED = pytest.mark.parametrize(
    ("asker", "reply", "approval", "check"),
    [
        ("EstimateCost", {"needs_approval": True}, "ApproveSpend", "CheckSpendApproval"),
        (
            "Gate",
            {"decision": "promote", "needs_approval": True},
            "ApprovePromotion",
            "CheckPromotionApproval",
        ),
    ],
)


@ASKED
def test_an_answer_is_checked_and_recorded_before_anything_follows(asker, reply, approval, check):
    answer = {"answer": "approved", "approver": "arn:aws:iam::111111111111:user/bo", "reason": ""}
    agreed = execute({asker: reply, approval: answer})
    assert agreed.status == "SUCCEEDED"
    assert argument(agreed, approval)["Payload"]["task_token"] == "token"
    subject = argument(agreed, approval)["Payload"]["subject"]
    assert argument(agreed, check)["Payload"] == {
        "run_id": "0123456789abcdef",
        "subject": subject,
        "answer": answer,
    }
    assert agreed.visited[agreed.visited.index(approval) + 1] == check


@ASKED
@pytest.mark.parametrize("refusing", ["approval", "check"])
def test_a_refusal_ends_the_run(asker, reply, approval, check, refusing):
    state = {"approval": approval, "check": check}[refusing]
    refused = execute({asker: reply}, {state: TaskError("ApprovalRejected", "too dear")})
    assert refused.status == "FAILED"
    assert refused.visited[-5:] == ["Compensate", "RecordRun", "Notify", "HasFailed", "Failed"]
    assert argument(refused, "RecordRun")["Payload"]["failure"] == {
        "state": state,
        "error": "ApprovalRejected",
        "cause": "too dear",
    }


@ASKED
def test_silence_means_no(asker, reply, approval, check):
    expired = execute({asker: reply}, {approval: TaskError("States.Timeout", "")})
    assert expired.status == "FAILED"
    assert check not in expired.visited
    assert expired.visited[-5:] == ["Compensate", "RecordRun", "Notify", "HasFailed", "Failed"]
    failure = argument(expired, "RecordRun")["Payload"]["failure"]
    assert (failure["state"], failure["error"]) == (approval, "ApprovalExpired")
    assert "asked at 2026-01-01T00:00:00Z and open for 1 h" in failure["cause"]


def test_a_notification_that_fails_does_not_change_the_outcome():
    execution = execute(failures={"Notify": TaskError("SNS.AuthorizationErrorException")})
    assert execution.status == "SUCCEEDED"


def test_seven_days_of_watching_stay_far_below_the_history_limit():
    a_round = 13  # two task states (entered, scheduled, started, ended, exited) and a choice
    a_watch = 9  # a task state that starts an execution and waits for it, and a choice
    rounds = int(PIPELINE["States"]["WatchJob"]["Arguments"]["Input"]["max_rounds"])
    assert rounds * a_round < 5_000
    watches = -(-MAX_JOB_SECONDS // (rounds * MIN_WATCH_SECONDS))
    assert watches * a_watch < 1_000
