"""Alarms of the local AWS: they ring and end as CloudWatch's do, in scaled time, and tell their topic."""

import json
import uuid
from typing import Any

import pytest

from tests.rehearsal.localaws_support import WAIT_SCALE, Cloud, wait_until

pytestmark = pytest.mark.rehearsal


def put_alarm(cloud: Cloud, name: str, **changes: Any) -> None:
    """An alarm on one failure, in the dimension of its own name."""
    settings: dict[str, Any] = {
        "Namespace": "Alarms",
        "MetricName": "failures",
        "Dimensions": [{"Name": "use_case", "Value": name}],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
    }
    cloud.client("cloudwatch").put_metric_alarm(AlarmName=name, **settings | changes)


def put_datum(cloud: Cloud, name: str, value: float = 1, **options: Any) -> None:
    datum = {"MetricName": "failures", "Value": value, "Dimensions": [{"Name": "use_case", "Value": name}]}
    cloud.client("cloudwatch").put_metric_data(Namespace="Alarms", MetricData=[datum | options])


def state(cloud: Cloud, name: str) -> str:
    answer = cloud.client("cloudwatch").describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    (alarm,) = answer["MetricAlarms"] + answer["CompositeAlarms"]
    return str(alarm["StateValue"])


def fresh() -> str:
    return f"alarm-{uuid.uuid4().hex[:10]}"


def test_an_alarm_watches_its_own_dimensions_only(cloud: Cloud) -> None:
    mine, other = fresh(), fresh()
    for name in (mine, other):
        put_alarm(cloud, name)
    put_datum(cloud, mine)
    assert (state(cloud, mine), state(cloud, other)) == ("ALARM", "OK")


def test_an_alarm_ends_when_nothing_arrives_any_more_and_its_history_stays(cloud: Cloud) -> None:
    name, summary = fresh(), fresh()
    put_alarm(cloud, name)
    cloud.client("cloudwatch").put_composite_alarm(AlarmName=summary, AlarmRule=f'ALARM("{name}")')
    put_datum(cloud, name)
    assert (state(cloud, name), state(cloud, summary)) == ("ALARM", "ALARM")
    wait_until(lambda: (state(cloud, name), state(cloud, summary)) == ("OK", "OK"))
    items = cloud.client("cloudwatch").describe_alarm_history(
        AlarmName=name, HistoryItemType="StateUpdate", ScanBy="TimestampAscending"
    )["AlarmHistoryItems"]
    states = [json.loads(item["HistoryData"])["newState"]["stateValue"] for item in items]
    assert states[-2:] == ["ALARM", "OK"]


def test_silence_keeps_an_alarm_that_ignores_it(cloud: Cloud) -> None:
    kept, ended = fresh(), fresh()
    put_alarm(cloud, kept, TreatMissingData="ignore")
    put_alarm(cloud, ended)
    for name in (kept, ended):
        put_datum(cloud, name)
    wait_until(lambda: state(cloud, ended) == "OK")
    assert state(cloud, kept) == "ALARM"


def test_seconds_are_compared_in_simulated_time(cloud: Cloud) -> None:
    name = fresh()
    put_alarm(cloud, name, Threshold=3600, Statistic="Maximum")
    put_datum(cloud, name, 3590 * WAIT_SCALE, Unit="Seconds")
    assert state(cloud, name) == "OK"
    put_datum(cloud, name, 3610 * WAIT_SCALE, Unit="Seconds")
    assert state(cloud, name) == "ALARM"


def test_an_alarm_that_rings_tells_its_topic(cloud: Cloud) -> None:
    name = fresh()
    topic = cloud.client("sns").create_topic(Name=name)["TopicArn"]
    queue = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:{cloud.local.region}:{cloud.local.account}:{name}"
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    cloud.client("sqs").set_queue_attributes(
        QueueUrl=queue,
        Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})},
    )
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    put_alarm(cloud, name, AlarmActions=[topic])
    put_datum(cloud, name)
    (message,) = wait_until(
        lambda: cloud.client("sqs").receive_message(QueueUrl=queue).get("Messages"),
    )
    told = json.loads(json.loads(message["Body"])["Message"])
    assert (told["AlarmName"], told["NewStateValue"]) == (name, "ALARM")
