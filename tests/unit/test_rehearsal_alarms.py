"""Which alarms rang in a scenario, and what is said when others should have."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from rehearsal import alarms
from rehearsal.alarms import AlarmWatch, Observed
from rehearsal.scenarios import SCENARIOS
from rft.names import UseCaseNames
from rft.runs.record import Status

ROOT = Path(__file__).resolve().parents[2]
NAMES = UseCaseNames("local", "gsm8k")
MEMBERS = frozenset({"workflow-failed", "reward-failing"})
ARN = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:"


def observed(**rang: str) -> Observed:
    """Both alarms are critical; `rang` has reasons by section, with underscores for dashes."""
    found = {section.replace("_", "-"): why for section, why in rang.items()}
    return Observed(
        rang=found,
        quiet=tuple(sorted((MEMBERS | {"budget-burn"}) - set(found))),
        summaries={
            "critical": (bool(MEMBERS & set(found)), MEMBERS),
            "warning": ("budget-burn" in found, frozenset({"budget-burn"})),
        },
    )


def test_all_is_well_when_exactly_the_expected_rang() -> None:
    assert observed(workflow_failed="x").problems({"workflow-failed"}) == []
    assert observed().problems(()) == []


def test_a_silent_alarm_and_one_too_many_are_problems() -> None:
    found = observed(budget_burn="0.9 of the budget").problems({"workflow-failed"})
    assert found == ["alarm workflow-failed did not ring", "alarm budget-burn rang: 0.9 of the budget"]


def test_an_echo_may_ring_or_not() -> None:
    for found in (observed(workflow_failed="x", budget_burn="y"), observed(workflow_failed="x")):
        assert found.problems({"workflow-failed"}, {"budget-burn"}) == []


def test_an_alarm_that_the_use_case_lacks_is_not_expected() -> None:
    assert observed().problems({"policy-entropy"}) == []


@pytest.mark.parametrize(
    ("rang", "summary", "problem"),
    [
        ({"workflow-failed": "x"}, False, "composite alarm critical did not ring with workflow-failed"),
        ({}, True, "composite alarm critical rang without a member"),
    ],
)
def test_a_composite_rings_with_its_members_only(rang: dict[str, str], summary: bool, problem: str) -> None:
    found = Observed(rang=rang, summaries={"critical": (summary, MEMBERS)})
    assert found.problems(set(rang)) == [problem]


def test_an_alarm_that_never_got_quiet_is_a_problem() -> None:
    assert Observed(before=("budget-burn",)).problems(()) == ["alarm budget-burn rang already before"]


def test_the_line_counts_the_quiet() -> None:
    assert observed(workflow_failed="x").line == "rang: workflow-failed; 2 others quiet"
    assert observed().line == "rang: none; all 3 quiet"


def test_scenarios_name_alarms_that_exist() -> None:
    headings = set(re.findall(r"^## (.+)$", (ROOT / "docs/RUNBOOK.md").read_text(encoding="utf-8"), re.M))
    for scenario in (one.on(engine) for one in SCENARIOS.values() for engine in one.engines):
        assert scenario.rings | scenario.echoes <= headings, scenario.name
        assert ("workflow-failed" in scenario.rings) == (scenario.outcome is Status.FAILED)


def metric_alarm(name: str, state: str = "OK") -> dict[str, Any]:
    return {"AlarmName": name, "StateValue": state}


def entry(name: str, state: str, reason: str = "because") -> dict[str, Any]:
    data = {"oldState": {"stateValue": "OK"}, "newState": {"stateValue": state, "stateReason": reason}}
    return {"AlarmName": name, "HistoryData": json.dumps(data)}


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Stubber]]:
    monkeypatch.setattr(alarms, "POLL_SECONDS", 0)
    client = boto3.client(
        "cloudwatch", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(client) as stub:
        yield client, stub


def describe(stub: Stubber, *states: str) -> None:
    """Alarms of two use cases whose names begin alike; `states` are those of this one's two alarms."""
    names = (NAMES.alarm("workflow-failed"), NAMES.alarm("reward-failing"))
    own = [metric_alarm(name, state) for name, state in zip(names, states, strict=True)]
    rule = " OR ".join(f'ALARM("{ARN}{name}")' for name in names)
    composite = {"AlarmName": NAMES.alarm("critical"), "StateValue": "OK", "AlarmRule": rule}
    stub.add_response(
        "describe_alarms",
        {
            "MetricAlarms": [*own, metric_alarm("rft-local-gsm8k-open-workflow-failed", "ALARM")],
            "CompositeAlarms": [composite],
        },
        {"AlarmNamePrefix": "rft-local-gsm8k-", "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]},
    )


def history(stub: Stubber, *items: dict[str, Any]) -> None:
    expected = {
        "AlarmTypes": ANY,
        "HistoryItemType": "StateUpdate",
        "StartDate": ANY,
        "ScanBy": "TimestampAscending",
    }
    stub.add_response("describe_alarm_history", {"AlarmHistoryItems": list(items)}, expected)


def test_what_rang_and_ended_counts_and_other_use_cases_do_not(cloudwatch: tuple[Any, Stubber]) -> None:
    client, stub = cloudwatch
    describe(stub, "ALARM", "OK")
    describe(stub, "OK", "OK")  # quiet: the watch begins
    history(stub)
    describe(stub, "OK", "OK")  # nothing has arrived yet
    history(
        stub,
        entry(NAMES.alarm("workflow-failed"), "ALARM", "first"),
        entry(NAMES.alarm("critical"), "ALARM"),
        entry(NAMES.alarm("workflow-failed"), "OK"),
        entry(NAMES.alarm("workflow-failed"), "ALARM", "second"),
        entry("rft-local-gsm8k-open-reward-failing", "ALARM"),
    )
    describe(stub, "OK", "OK")
    watch = AlarmWatch(client, NAMES, ("gsm8k", "gsm8k-open"))
    found = watch.observe({"workflow-failed"})
    stub.assert_no_pending_responses()
    assert found == Observed(
        {"workflow-failed": "first"}, ("reward-failing",), (), {"critical": (True, MEMBERS)}
    )


def test_a_watch_that_waits_in_vain_for_quiet_says_so(
    cloudwatch: tuple[Any, Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms, "QUIET_SECONDS", 0)
    client, stub = cloudwatch
    describe(stub, "ALARM", "OK")
    history(stub)
    describe(stub, "OK", "OK")
    watch = AlarmWatch(client, NAMES, ("gsm8k",))
    monkeypatch.setattr(alarms, "ARRIVAL_SECONDS", 0)
    assert "alarm workflow-failed rang already before" in watch.observe(()).problems(())
