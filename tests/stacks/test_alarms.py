"""Alarms of a use case: which there are, what they say, what silence means to them."""

import re
from typing import Any

import pytest

from rft.monitoring.deployment_alarms import INFERENCE, alarms
from rft.monitoring.workflow_metrics import UNITS
from rft.names import UseCaseNames
from stacks.constructs.alerts.alert import AT_LEAST, AT_MOST
from stacks.constructs.alerts.training import training_alerts
from tests.stacks.support import ROOT, Template

CRITICAL = {
    "workflow-failed",
    "workflow-timed-out",
    "reward-errors",
    "reward-throttles",
    "training-stalled",
    "reward-failing",
    "reward-collapse",
    "dead-letters",
}
WARNING = {
    "workflow-aborted",
    "approval-unanswered",
    "slot-queue",
    "reward-slow",
    "validation-drop",
    "zero-signal",
    "budget-burn",
}
RUNBOOK = (ROOT / "docs/RUNBOOK.md").read_text(encoding="utf-8")
HEADINGS = set(re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE))
FIRST_WORDS = re.compile(r"^(Answer|Check|Compare|Decide|Do|Find|Look|Raise|Read|See|Slow)\b")


def found(stack: Template) -> dict[str, dict[str, Any]]:
    """Alarms by the part of their name that is their section."""
    made = [item["Properties"] for item in stack.of("AWS::CloudWatch::Alarm").values()]
    prefix = stack.name.removesuffix("-foundation")
    return {alarm["AlarmName"].removeprefix(f"{prefix}-"): alarm for alarm in made}


def test_every_fault_has_an_alarm(use_case: Template, foundation: Template) -> None:
    assert set(found(use_case)) == CRITICAL | WARNING
    assert set(found(foundation)) == {"dead-letters"}


def test_every_alarm_begins_with_what_to_do_and_names_its_section(
    use_case: Template, foundation: Template
) -> None:
    for stack in (use_case, foundation):
        for section, alarm in found(stack).items():
            text = alarm["AlarmDescription"]
            assert alarm["AlarmActions"], section
            assert FIRST_WORDS.match(text), text
            assert re.search(r"\b(rft|aws) [a-z]", text), section
            assert text.endswith(f"See docs/RUNBOOK.md, section {section}."), section
            assert section in HEADINGS
            assert len(text) <= 1024


def test_silence_rings_nothing_as_jobs_run_rarely(use_case: Template) -> None:
    missing = {section: alarm["TreatMissingData"] for section, alarm in found(use_case).items()}
    assert missing.pop("approval-unanswered") == "ignore"  # a question stays open until something is reported
    assert set(missing.values()) == {"notBreaching"}


def test_an_unanswered_question_rings_after_a_working_day(use_case: Template) -> None:
    alarm = found(use_case)["approval-unanswered"]
    expression, metric = sorted(alarm["Metrics"], key=lambda item: "MetricStat" in item)
    assert expression["Expression"] == "FILL(reported, REPEAT)"
    assert metric["ReturnData"] is False
    assert metric["MetricStat"]["Metric"]["MetricName"] == "OpenApprovals"
    assert metric["MetricStat"]["Period"] * alarm["EvaluationPeriods"] == 8 * 3600


def test_all_but_one_alarm_are_plain_thresholds_on_metrics_that_exist(use_case: Template) -> None:
    for section, alarm in found(use_case).items():
        if section == "approval-unanswered":
            continue
        assert "Metrics" not in alarm, section
        if alarm["Namespace"] == "RFT":
            assert alarm["MetricName"] in UNITS
            assert {item["Name"] for item in alarm["Dimensions"]} == {"environment", "use_case"}


def test_alarms_on_polled_metrics_look_at_two_polls(use_case: Template) -> None:
    periods = {section: alarm.get("Period") for section, alarm in found(use_case).items()}
    assert periods["training-stalled"] == periods["budget-burn"] == 1800
    assert periods["slot-queue"] == 600


def test_one_composite_alarm_a_severity(use_case: Template) -> None:
    composites = {
        item["Properties"]["AlarmName"]: item["Properties"]
        for item in use_case.of("AWS::CloudWatch::CompositeAlarm").values()
    }
    assert set(composites) == {f"{use_case.name}-critical", f"{use_case.name}-warning"}
    by_id = {
        key: item["Properties"]["AlarmName"] for key, item in use_case.of("AWS::CloudWatch::Alarm").items()
    }
    for name, wanted in ((f"{use_case.name}-critical", CRITICAL), (f"{use_case.name}-warning", WARNING)):
        rule = str(composites[name]["AlarmRule"])
        ringing = {alarm for key, alarm in by_id.items() if f"'{key}'" in rule}
        assert ringing == {f"{use_case.name}-{section}" for section in wanted}
        assert name.removeprefix(f"{use_case.name}-") in HEADINGS
        assert composites[name]["OKActions"]
        assert "AlarmActions" not in composites[name]  # its members have told already


def test_the_slow_reward_alarm_rings_before_the_timeout(use_case: Template) -> None:
    function = use_case.only(
        "AWS::Lambda::Function", lambda p: p["FunctionName"] == f"{use_case.name}-reward"
    )
    alarm = found(use_case)["reward-slow"]
    assert alarm["Threshold"] == 0.8 * 1000 * function["Timeout"]
    assert alarm["ExtendedStatistic"] == "p99"


def test_a_failing_reward_rings_where_the_stop_policy_would_stop_the_job() -> None:
    names = UseCaseNames("prod", "gsm8k")
    (alert,) = (
        alert
        for alert in training_alerts(
            names, watch_interval_seconds=900, max_reward_error_share=0.35, publishes_entropy=False
        )
        if alert.section == "reward-failing"
    )
    assert (alert.threshold, alert.severity, alert.compares) == (0.35, "critical", AT_LEAST)
    assert "35%" in alert.why


def test_engines_that_publish_the_entropy_have_an_alarm_on_it() -> None:
    names = UseCaseNames("prod", "gsm8k")
    with_it, without = (
        training_alerts(
            names, watch_interval_seconds=900, max_reward_error_share=0.2, publishes_entropy=publishes
        )
        for publishes in (True, False)
    )
    (alert,) = {alert.section: alert for alert in with_it if alert.section == "policy-entropy"}.values()
    assert alert.compares is AT_MOST  # a collapse is a value that is too small
    assert alert.section in HEADINGS
    assert len(with_it) == len(without) + 1


@pytest.mark.parametrize("section", INFERENCE)
def test_inference_alarms_are_put_on_the_deployment_and_may_be(section: str, use_case: Template) -> None:
    names = UseCaseNames("prod", use_case.name.removeprefix("rft-prod-"))
    (alarm,) = (item for item in alarms(names, "arn:d", "arn:t") if item["AlarmName"] == names.alarm(section))
    assert alarm["Dimensions"] == [{"Name": "ModelId", "Value": "arn:d"}]
    assert alarm["TreatMissingData"] == "notBreaching"
    assert FIRST_WORDS.match(alarm["AlarmDescription"])
    assert section in HEADINGS
    (allowed,) = (
        statement
        for statement in use_case.statements_of("Functionsobserve")
        if statement["Action"] == "cloudwatch:PutMetricAlarm"
    )
    assert any(str(resource).endswith(alarm["AlarmName"]) for resource in allowed["Resource"])
