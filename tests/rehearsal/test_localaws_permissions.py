"""Encryption keys and event targets are used with somebody's permission, as in AWS."""

import json
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.rehearsal.localaws_support import Cloud, allow, single, wait_until

pytestmark = pytest.mark.rehearsal


@pytest.fixture(scope="module")
def key(cloud: Cloud) -> str:
    """A customer managed key with the default policy: the account's IAM policies decide."""
    return str(cloud.client("kms").create_key()["KeyMetadata"]["Arn"])


def encrypted_bucket(cloud: Cloud, key: str) -> str:
    bucket = cloud.bucket()
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    configuration = {"Rules": [{**rule, "BucketKeyEnabled": True}]}
    cloud.client("s3").put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=configuration)
    cloud.client("s3").put_object(Bucket=bucket, Key="report.html", Body=b"x")
    return bucket


def test_an_encrypted_object_needs_its_key_s_permission(cloud: Cloud, key: str) -> None:
    bucket = encrypted_bucket(cloud, key)
    objects = allow(["s3:GetObject", "s3:PutObject"], f"arn:aws:s3:::{bucket}/*")
    without = cloud.as_user(objects).client("s3")
    with pytest.raises(ClientError, match="kms:Decrypt"):
        without.get_object(Bucket=bucket, Key="report.html")
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        without.put_object(Bucket=bucket, Key="new", Body=b"x")
    assert without.head_object(Bucket=bucket, Key="report.html")["ContentLength"] == 1
    only_s3 = {"StringEquals": {"kms:ViaService": f"s3.{cloud.local.region}.amazonaws.com"}}
    context = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}"}}
    able = cloud.as_user(
        objects, allow("kms:Decrypt", key, **only_s3), allow("kms:GenerateDataKey*", key, **context)
    )
    able.client("s3").put_object(Bucket=bucket, Key="new", Body=b"yy")
    assert able.client("s3").get_object(Bucket=bucket, Key="new")["Body"].read() == b"yy"


def test_an_encrypted_table_and_topic_need_their_key_s_permission(cloud: Cloud, key: str) -> None:
    name = f"table-{uuid.uuid4().hex[:8]}"
    cloud.client("dynamodb").create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    topic = cloud.client("sns").create_topic(Name=name, Attributes={"KmsMasterKeyId": key})["TopicArn"]
    rights = allow(["dynamodb:PutItem", "sns:Publish"], "*")
    without, able = cloud.as_user(rights), cloud.as_user(rights, allow("kms:*", key))
    with pytest.raises(ClientError, match="kms:Decrypt"):
        without.client("dynamodb").put_item(TableName=name, Item={"pk": {"S": "1"}})
    with pytest.raises(ClientError, match="kms:GenerateDataKey"):
        without.client("sns").publish(TopicArn=topic, Message="x")
    able.client("dynamodb").put_item(TableName=name, Item={"pk": {"S": "1"}})
    able.client("sns").publish(TopicArn=topic, Message="x")


def queue(cloud: Cloud, *statements: dict[str, Any]) -> tuple[str, str]:
    name = f"queue-{uuid.uuid4().hex[:8]}"
    url = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:{cloud.local.region}:{cloud.local.account}:{name}"
    granted = [
        {"Principal": {"Service": "events.amazonaws.com"}, "Resource": arn, **item} for item in statements
    ]
    if granted:
        policy = json.dumps({"Version": "2012-10-17", "Statement": granted})
        cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


def rule(cloud: Cloud, target: dict[str, Any]) -> str:
    """A rule for events of a source of its own; returns the source, which is also the rule's name."""
    name = f"test.{uuid.uuid4().hex[:8]}"
    cloud.client("events").put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    cloud.client("events").put_targets(Rule=name, Targets=[{"Id": "t", **target}])
    return name


def send(cloud: Cloud, source: str) -> None:
    entry = {"Source": source, "DetailType": "Test", "Detail": json.dumps({"n": 1})}
    cloud.client("events").put_events(Entries=[entry])


def received(cloud: Cloud, url: str) -> list[dict[str, Any]]:
    found = cloud.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def test_a_rule_without_permission_delivers_to_its_dead_letter_queue_only(cloud: Cloud) -> None:
    target, target_arn = queue(cloud)
    dead, dead_arn = queue(cloud, {"Effect": "Allow", "Action": "sqs:SendMessage"})
    source = rule(cloud, {"Arn": target_arn, "DeadLetterConfig": {"Arn": dead_arn}})
    send(cloud, source)
    (letter,) = wait_until(lambda: received(cloud, dead))
    assert letter["source"] == source
    assert received(cloud, target) == []
    dimensions = [{"Name": "RuleName", "Value": source}]
    metrics = cloud.client("cloudwatch").list_metrics(Namespace="AWS/Events", Dimensions=dimensions)[
        "Metrics"
    ]
    assert [metric["MetricName"] for metric in metrics] == ["FailedInvocations"]


def test_a_rule_starts_a_machine_with_its_role_only(cloud: Cloud) -> None:
    machine = cloud.machine(single({"Type": "Pass", "End": True}))
    refused = rule(
        cloud, {"Arn": machine, "RoleArn": cloud.role("events", allow("states:StartExecution", "*:no"))}
    )
    granted = rule(
        cloud, {"Arn": machine, "RoleArn": cloud.role("events", allow("states:StartExecution", machine))}
    )
    client = cloud.client("stepfunctions")
    send(cloud, refused)
    time.sleep(0.3)
    assert client.list_executions(stateMachineArn=machine)["executions"] == []
    send(cloud, granted)
    wait_until(lambda: client.list_executions(stateMachineArn=machine)["executions"])


def test_a_template_s_keys_concurrency_and_composite_alarms_are_applied(cloud: Cloud, key: str) -> None:
    name = f"encrypted-{uuid.uuid4().hex[:8]}"
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    encryption = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": by_key}]}
    table = {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    }
    alarm = {
        "AlarmName": f"{name}-one",
        "Namespace": "X",
        "MetricName": "m",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    function = {
        "FunctionName": name,
        "Runtime": "python3.14",
        "Handler": "index.handler",
        "Role": cloud.role("lambda"),
        "Code": {"ZipFile": "def handler(event, context): return 1"},
        "ReservedConcurrentExecutions": 3,
    }
    math = {
        "AlarmName": f"{name}-math",
        "Metrics": [{"Id": "e", "Expression": "1"}],
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    composite = {"AlarmName": name, "AlarmRule": f'ALARM("{name}-one") OR ALARM("{name}-math")'}
    resources = {
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"BucketName": name, "BucketEncryption": encryption},
        },
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": table},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, "KmsMasterKeyId": key}},
        "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": alarm},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Math": {"Type": "AWS::CloudWatch::Alarm", "Properties": math},
        "Both": {
            "Type": "AWS::CloudWatch::CompositeAlarm",
            "Properties": composite,
            "DependsOn": ["Alarm", "Math"],
        },
    }
    client = cloud.client("cloudformation")
    client.create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))
    client.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    put = cloud.client("s3").put_object(Bucket=name, Key="a", Body=b"x")
    described = cloud.client("dynamodb").describe_table(TableName=name)["Table"]["SSEDescription"]
    topic = f"arn:aws:sns:{cloud.local.region}:{cloud.local.account}:{name}"
    attributes = cloud.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (put["SSEKMSKeyId"], described["KMSMasterKeyArn"], attributes["KmsMasterKeyId"]) == (key, key, key)
    reserved = cloud.client("lambda").get_function_concurrency(FunctionName=name)
    assert reserved["ReservedConcurrentExecutions"] == 3
    assert cloud.invoke(name) == (1, None)
    kinds = {"AlarmNames": [name], "AlarmTypes": ["CompositeAlarm"]}
    assert cloud.client("cloudwatch").describe_alarms(**kinds)["CompositeAlarms"][0]["AlarmName"] == name
    found = cloud.client("cloudwatch").describe_alarms(AlarmNames=[f"{name}-math"])["MetricAlarms"]
    assert [alarm["StateValue"] for alarm in found] == ["INSUFFICIENT_DATA"]  # made, never evaluated
