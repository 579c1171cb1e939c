"""The report says what the record says, whole and safe in one page."""

import re

import pytest

from rft.runs.record import Failure, GateVerdict, Status, StopAdvice, StopReason
from rft.runs.report import render_report, timeline, verdict_sentence
from tests.unit.report_world import JOB, POINTS, record, shown


def test_base_and_candidate_stand_side_by_side_in_several_dimensions() -> None:
    page = render_report(record(), points=POINTS)
    for text in (
        "0.412",
        "0.833",
        "+0.421",
        "format",
        "hard",
        "Answers that earn nothing",
        "80 held-out prompts",
    ):
        assert text in page
    assert re.search(r'class="n bad">-0\.100', page)  # the slice that got worse


def test_data_and_reward_are_named_by_their_hashes() -> None:
    page = render_report(record())
    for text in ("ab" * 32, "cd" * 32, "version v1", "train 192", "epochCount 6"):
        assert text in page


@pytest.mark.parametrize(("environment", "told"), [("local", True), ("prod", False)])
def test_only_a_rehearsal_is_called_simulated(environment: str, told: bool) -> None:
    assert ("Simulated model" in render_report(record(environment=environment))) is told


def test_the_page_needs_nothing_but_itself() -> None:
    page = render_report(record(), points=POINTS)
    assert not re.search(r"<script|<link|@import|src=|url\(", page)
    assert 'role="img" aria-label="Reward, mean reward of an answer, by step' in page
    assert "prefers-color-scheme: dark" in page


def test_text_of_a_failure_cannot_become_markup() -> None:
    failure = Failure(state="ValidateDataset", error="DatasetRejected", cause="<img onerror=x> & more")
    page = render_report(record(status=Status.FAILED, failure=failure, gate=None, evaluations={}))
    assert "<img" not in page
    assert "&lt;img onerror=x&gt; &amp; more" in page


def test_a_run_that_failed_at_once_still_has_a_report() -> None:
    failure = Failure(state="RegisterRun", error="BadUpload", cause="empty")
    bare = record(
        status=Status.FAILED,
        failure=failure,
        gate=None,
        evaluations={},
        estimate=None,
        prepared={},
        timeline=[],
    )
    page = render_report(bare)
    assert "The run stopped in RegisterRun with BadUpload: empty" in page
    assert "<svg" not in page


def test_the_verdict_is_one_sentence_with_both_numbers() -> None:
    assert verdict_sentence(record()) == (
        "The candidate scored 0.833 against 0.412 of the base model on 80 held-out prompts "
        "and now serves behind the stable deployment."
    )
    held = GateVerdict(
        decision="hold", reasons=["may be chance"], difference=0, lower=0, upper=0, confidence=0.9, prompts=80
    )
    assert verdict_sentence(record(status=Status.HELD, gate=held)).endswith("not promoted: may be chance.")


def test_each_state_lasts_until_the_next() -> None:
    steps = timeline(record())
    assert [step.begin for step in steps] == [0, 1, 2, 3, 4]
    assert {step.seconds for step in steps} == {1.0}


@pytest.mark.parametrize(("enforced", "told"), [(True, "enforced"), (False, "advised only")])
def test_decisions_of_the_stop_policy_are_told_and_drawn(enforced: bool, told: str) -> None:
    reasons = [
        StopReason(detector=name, statistic=9, threshold=5, words=words, source="a paper", enforced=enforced)
        for name, words in (("reward_fall", "it fell"), ("policy_drift", "it drifted"))
    ]
    advice = StopAdvice(
        at="2026-01-01T00:20:30.000Z", action="abort", reason="reward_fall, policy_drift", enforced=enforced, step=20,
        reasons=reasons,
    )  # fmt: skip
    page = render_report(record(advice=advice, job=JOB), points=POINTS)
    assert f"UTC, {told}:" in page
    assert "<li><strong>policy drift</strong>: it drifted</li>" in page
    assert "abort: reward fall and 1 more" in page
    stopped = Failure(state="WatchJob", error="TrainingStopped", cause="it fell; it drifted")
    assert verdict_sentence(record(status=Status.FAILED, failure=stopped, advice=advice)) == (
        "The stop policy stopped the training after step 20: reward fall, policy drift."
        if enforced
        else "The run stopped in WatchJob with TrainingStopped: it fell; it drifted"
    )
    assert page.count('class="mark stops"' if enforced else 'class="mark"') >= 4


def test_answers_of_both_models_are_shown_as_text_and_not_as_markup() -> None:
    page = render_report(record(), answers=[shown()])
    assert "base answers 3" in page
    assert "candidate answers 3" in page
    assert "+1.000" in page
    assert "What is &lt;2&gt; + 2?" in page


def test_cost_stands_against_forecast_and_budget() -> None:
    page = render_report(record(spent_usd=12.5))
    assert "spent 12.50 USD" in page
    assert "expected 31.20 USD" in page
    assert "budget 50.00 USD" in page
    assert "left:25.0%" in page
