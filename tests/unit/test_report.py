"""The report says what the record says, whole and safe in one page."""

import re

import pytest

from rft.runs.chart import Series, line_chart, round_step
from rft.runs.record import Failure, GateVerdict, Status
from rft.runs.report import curve_chart, render_report, timeline, verdict_sentence
from tests.unit.report_world import CURVE, record


def test_base_and_candidate_stand_side_by_side_in_several_dimensions() -> None:
    page = render_report(record(), curve=CURVE)
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
    page = render_report(record(), curve=CURVE)
    assert not re.search(r"<script|<link|@import|src=|url\(", page)
    assert page.count("<svg") == 1
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
    page = render_report(bare, curve={})
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


def test_validation_stands_where_training_was_at_that_time() -> None:
    chart = curve_chart(CURVE)
    assert chart is not None
    training, validation = chart.lines
    assert validation.dots[0][0] == training.dots[9][0]  # both at second 10
    assert curve_chart({"test": CURVE["train"]}) is None


def test_a_chart_keeps_every_point_inside_its_frame() -> None:
    chart = line_chart([Series("training", [(0, -1), (10, 2)])], y_range=(0.0, 1.0))
    for x, y in chart.lines[0].dots:
        assert chart.left <= x <= chart.right
        assert chart.top <= y <= chart.bottom


@pytest.mark.parametrize(("span", "step"), [(3808, 1000), (60, 10), (61, 20), (1, 0.2), (0.5, 0.1)])
def test_an_axis_has_round_steps(span: float, step: float) -> None:
    assert round_step(span) == pytest.approx(step)
