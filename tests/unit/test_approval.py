"""Approvals: who is who, what an answer comes to, and what a run keeps of it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from rft import aws, errors, objects
from rft.probing.measures import measure
from rft.runs import manifest, notify
from rft.runs.approval import (
    EXPIRED,
    REFUSED,
    close,
    objection,
    open_question,
    question,
    sentence,
    settle,
    time_left,
)
from rft.runs.principal import UPLOADER_METADATA, is_principal, same_principal
from rft.runs.record import Failure, RunRecord, Status
from rft.runs.report import render_report
from rft.runs.upload import upload
from rft.settings import Approvals
from tests.unit.report_world import SETTINGS, record
from tests.unit.run_world import USE_CASE, World, records
from tests.unit.test_probing import groups

ANN = "arn:aws:sts::111111111111:assumed-role/uploader/ann"
BO = "arn:aws:sts::111111111111:assumed-role/approver/bo"
SSO = "arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_{}_0123456789abcdef/{}"
YES = {"answer": "approved", "approver": BO, "reason": "worth it"}


def asking(subject: str = "spend", **changes: Any) -> RunRecord:
    """A running run that waits for an answer under four_eyes, uploaded by Ann."""
    approvals = Approvals(spend_above_usd=0, promotion=True, timeout_hours=2, four_eyes=True)
    changes = {
        "status": Status.RUNNING,
        "uploader": ANN,
        "settings": SETTINGS.model_copy(update={"approvals": approvals}),
        "approval": question(subject, "secret-token", 2),
        **changes,
    }
    return record(**changes)


@pytest.mark.parametrize(
    ("arn", "wanted"),
    [
        (ANN, True),
        ("arn:aws:iam::111111111111:user/team/ann", True),
        ("arn:aws:iam::111111111111:root", True),
        ("arn:aws-us-gov:sts::111111111111:federated-user/ann", True),
        ("arn:aws:iam::111111111111:role/uploader", False),
        ("arn:aws:sts::111111111111:assumed-role/uploader", False),
        ("ann", False),
        ("", False),
        (ANN + "\nX", False),
        (ANN + "é", False),
    ],
)
def test_a_principal_is_somebody_who_can_call(arn: str, wanted: bool) -> None:
    assert is_principal(arn) is wanted


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (ANN, ANN, True),
        (ANN, ANN.replace("ann", "Ann"), True),
        (ANN, ANN.replace("ann", "bo"), False),
        (ANN, BO, False),
        (ANN, ANN.replace("uploader", "approver"), False),
        (SSO.format("Upload", "ann@x.org"), SSO.format("Approve", "ann@x.org"), True),
        (SSO.format("Upload", "ann@x.org"), SSO.format("Upload", "bo@x.org"), False),
        ("arn:aws:iam::111111111111:user/ann", "arn:aws:iam::222222222222:user/ann", False),
    ],
)
def test_the_same_person_is_found_behind_roles_of_identity_center(one: str, other: str, wanted: bool) -> None:
    assert same_principal(one, other) is wanted


def test_an_agreement_is_kept_with_who_when_and_why() -> None:
    settled = settle(asking(), "spend", YES)
    assert (settled.answer, settled.approver, settled.reason) == ("approved", BO, "worth it")
    assert settled.answered_at is not None
    assert settled.token == ""
    assert settle(asking(approval=settled), "spend", {"answer": "rejected"}) == settled


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({**YES, "approver": ANN}, "uploaded the dataset; another person must approve"),
        ({"answer": "approved"}, "approver: Field required"),
        ({**YES, "approver": "me"}, "must be the ARN"),
        ({**YES, "answer": "maybe"}, "answer: Input should be 'approved' or 'rejected'"),
        ({**YES, "reason": "x" * 1001}, "at most 1000 characters"),
        ("approved", "answer with `rft approve`"),
        (None, "answer with `rft approve`"),
    ],
)
def test_an_answer_that_is_forbidden_or_unreadable_is_refused(given: Any, words: str) -> None:
    settled = settle(asking(), "spend", given)
    assert settled.answer == REFUSED
    assert words in settled.reason


def test_four_eyes_needs_a_known_uploader_and_never_stops_a_refusal() -> None:
    assert "nobody is known" in str(objection(asking(uploader=None), BO))
    assert objection(asking(), BO) is None
    assert objection(record(uploader=ANN), ANN) is None
    assert settle(asking(), "spend", {**YES, "answer": "rejected", "approver": ANN}).answer == "rejected"


def test_an_answer_to_a_question_that_was_not_asked_is_refused() -> None:
    with pytest.raises(errors.ApprovalRejected, match="nobody was asked about the promotion"):
        settle(asking(), "promotion", YES)


@pytest.mark.parametrize(
    ("error", "answer"),
    [("ApprovalExpired", EXPIRED), ("ApprovalRejected", "rejected"), ("Boom", "withdrawn")],
)
def test_a_run_that_ends_closes_its_question(error: str, answer: str) -> None:
    closed = close(asking(), Failure(state="ApproveSpend", error=error, cause="asked at noon"))
    assert closed is not None
    assert (closed.answer, closed.reason, closed.token) == (answer, "asked at noon", "")
    assert close(asking(), None) is None
    assert close(asking(approval=closed), Failure(state="Gate", error=error, cause="again")) is None


def test_a_question_has_an_end() -> None:
    asked = question("spend", "t", 2)
    moment = datetime.fromisoformat(asked.asked_at) + timedelta(minutes=30)
    assert time_left(asked, moment) == timedelta(minutes=90)
    assert time_left(asked.model_copy(update={"expires_at": None}), datetime.now(UTC)) is None
    assert open_question(asking(status=Status.FAILED)) is None


def test_the_question_carries_the_plan_and_both_commands() -> None:
    rewards = [[0.0, 1.0, 0.0, 0.484]] * 24 + [[0.371] * 4] * 8
    probe = measure(groups(rewards), planned=32, batch=128).model_copy(update={"verdict": "ready"})
    waiting = asking(probe=probe)
    assert waiting.approval is not None
    message = notify.approval_wanted(waiting, waiting.approval)
    where = f"{waiting.run_id} --use-case gsm8k --env local"
    for words in (
        "Estimate:    about 31.20 USD",
        "9,216 rollouts",
        "  - training: 31.20 USD (guess)",
        "Budget:      50.00 USD a run",
        "mean reward 0.371 of 128 answers to 32 prompts",
        "verdict: ready",
        f"Expires:     {waiting.approval.expires_at} (2 hours); no answer means no",
        f"{ANN} uploaded the dataset and cannot agree",
        f"rft approve {where}\n",
        f'rft reject {where} --reason "..."\n',
    ):
        assert words in message.body
    assert "secret-token" not in message.body
    assert message.subject.endswith("waits: spend")


def test_report_and_manifest_say_who_agreed_without_the_token() -> None:
    spend = settle(asking(), "spend", YES)
    kept = asking("promotion", approvals=[spend])
    page, made = render_report(kept), manifest.build(kept)
    assert sentence(spend) == f"spend: approved by {BO} at {spend.answered_at}: worth it"
    assert sentence(spend) in page
    assert "promotion: asked" in page
    assert [entry["subject"] for entry in made["approvals"]] == ["spend", "promotion"]
    assert made["uploader"] == ANN
    assert "secret-token" not in page + json.dumps(made)


@pytest.fixture
def waiting(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Id of a run that Ann uploaded and that asked for its spending under four_eyes."""
    monkeypatch.setattr(aws, "publish", lambda *message: None)
    approvals = Approvals(spend_above_usd=0, promotion=True, timeout_hours=2, four_eyes=True)
    world.settings = world.settings.model_copy(update={"approvals": approvals})
    world.save_settings()
    (tmp_path / "train.jsonl").write_bytes(records(260))
    files = {"train": tmp_path / "train.jsonl"}
    uploaded = upload(world.datasets, USE_CASE, "first", files, uploader=ANN)
    run_id = world.register(bucket=uploaded.bucket, key=uploaded.key)
    world.call("request_approval", run_id=run_id, subject="spend", task_token="token-1")
    return run_id


def test_spending_and_promotion_stay_on_record(world: World, waiting: str) -> None:
    asked = world.store.get(waiting)
    assert asked.uploader == ANN
    assert asked.approval is not None
    assert (asked.approval.token, asked.approval.answer) == ("token-1", None)
    for _ in range(2):  # Lambda may call a function again
        answer = world.call("record_approval", run_id=waiting, subject="spend", answer=YES)
        assert answer == {"subject": "spend", "approver": BO}
    for token in ("token-2", "token-3"):  # a retry asks with a new token
        world.call("request_approval", run_id=waiting, subject="promotion", task_token=token)
    kept = world.store.get(waiting)
    assert [(part.subject, part.answer) for part in kept.questions] == [
        ("spend", "approved"),
        ("promotion", None),
    ]
    assert kept.approval is not None
    assert kept.approval.token == "token-3"
    assert [moment.state for moment in kept.timeline][-3:] == [
        "ApproveSpend",
        "CheckSpendApproval",
        "ApprovePromotion",
    ]


def test_the_workflow_itself_refuses_the_uploader(world: World, waiting: str) -> None:
    for _ in range(2):
        with pytest.raises(errors.ApprovalRejected, match="four_eyes"):
            world.call("record_approval", run_id=waiting, subject="spend", answer={**YES, "approver": ANN})
    kept = world.store.get(waiting).approval
    assert kept is not None
    assert (kept.answer, kept.approver) == (REFUSED, ANN)


def test_an_expired_question_says_so_in_record_and_manifest(world: World, waiting: str) -> None:
    failure = {"state": "ApproveSpend", "error": "ApprovalExpired", "cause": "asked at noon and open for 2 h"}
    world.call("record_run", run_id=waiting, outcome="FAILED", failure=failure)
    kept = world.store.get(waiting)
    assert kept.status is Status.FAILED
    assert kept.approval is not None
    assert (kept.approval.answer, kept.approval.reason) == (EXPIRED, "asked at noon and open for 2 h")
    stored = json.loads(objects.read_bytes(world.artifacts, f"{USE_CASE}/runs/{waiting}/manifest.json"))
    assert stored["approvals"][0]["answer"] == EXPIRED


@pytest.mark.parametrize("metadata", [{}, {UPLOADER_METADATA: "somebody"}])
def test_four_eyes_takes_no_upload_without_an_uploader(
    world: World, waiting: str, metadata: dict[str, str]
) -> None:
    key = f"{USE_CASE}/other/train.jsonl"
    objects.put_bytes(world.datasets, key, records(200), metadata=metadata)
    with pytest.raises(errors.BadUpload, match=r"names no uploader.*rft submit"):
        world.register(bucket=world.datasets, key=key)


def test_metadata_survives_an_upload_in_parts(world: World) -> None:
    piece = b"x" * (objects.PART_BYTES // 2)
    objects.upload(world.datasets, "large", [piece, piece, piece], metadata={UPLOADER_METADATA: ANN})
    assert objects.object_metadata(world.datasets, "large") == {UPLOADER_METADATA: ANN}


def test_four_eyes_without_a_question_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="nobody is ever asked"):
        Approvals(four_eyes=True)
