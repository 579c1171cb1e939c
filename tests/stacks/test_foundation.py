"""The environment's storage, key and alerts."""

import json

import pytest

from rft import names
from tests.stacks.support import ENVIRONMENTS, Template, listed, use_cases_of

App = dict[tuple[str, str], Template]
STATEFUL = ("AWS::S3::Bucket", "AWS::DynamoDB::Table", "AWS::KMS::Key")


def bucket(template: Template, purpose: str) -> dict[str, object]:
    return template.only("AWS::S3::Bucket", lambda p: f"-{purpose}-" in p["BucketName"])


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_data_outlives_its_stack_where_settings_say_retain(app: App, environment: str) -> None:
    wanted = "Retain" if environment in {"prod", "staging"} else "Delete"
    for kind in STATEFUL:
        for resource in app[environment, "foundation"].of(kind).values():
            assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == wanted
    table = app[environment, "foundation"].only("AWS::DynamoDB::Table")
    assert table["DeletionProtectionEnabled"] is (wanted == "Retain")


def test_only_datasets_announce_uploads_and_no_custom_resource_does_it(foundation: Template) -> None:
    announced = {
        item["Properties"]["BucketName"]: item["Properties"].get("NotificationConfiguration")
        for item in foundation.of("AWS::S3::Bucket").values()
    }
    wanted = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert {name.split("-")[2]: value for name, value in announced.items()} == {
        "datasets": wanted,
        "artifacts": None,
        "logs": None,
    }


def test_buckets_are_private_versioned_and_cleaned_up(foundation: Template) -> None:
    for item in foundation.of("AWS::S3::Bucket").values():
        properties = item["Properties"]
        assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
        assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
        (rule,) = properties["LifecycleConfiguration"]["Rules"]
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}


def test_data_buckets_are_encrypted_with_the_key_and_logged(foundation: Template) -> None:
    for purpose in ("datasets", "artifacts"):
        properties = bucket(foundation, purpose)
        (rule,) = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]  # type: ignore[index]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
        assert rule["BucketKeyEnabled"] is True
        assert properties["LoggingConfiguration"]["LogFilePrefix"] == f"{properties['BucketName']}/"  # type: ignore[index]


@pytest.mark.parametrize("kind", ["AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"])
def test_nothing_is_reached_without_tls(foundation: Template, kind: str) -> None:
    policies = foundation.of(kind)
    assert policies
    for policy in policies.values():
        denied = [
            statement
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            if statement["Effect"] == "Deny"
            and statement.get("Condition", {}).get("Bool") == {"aws:SecureTransport": "false"}
        ]
        assert denied


def test_the_table_has_the_keys_and_the_index_that_runs_are_listed_by(foundation: Template) -> None:
    table = foundation.only("AWS::DynamoDB::Table")
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by-created"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["use_case", "created_at"]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"]["SSEType"] == "KMS"


def test_the_key_rotates_and_serves_no_service_of_another_account(foundation: Template) -> None:
    key = foundation.only("AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    for statement in key["KeyPolicy"]["Statement"]:
        if "Service" in statement["Principal"]:
            assert statement["Condition"]
            assert not [action for action in listed(statement["Action"]) if "*" in action]


def test_stray_uploads_are_reported_in_words(foundation: Template) -> None:
    rule = foundation.only("AWS::Events::Rule")
    ((excluded,),) = [rule["EventPattern"]["detail"]["object"]["key"]]
    assert excluded["anything-but"]["wildcard"] == [
        names.dataset_key(use_case, "*", split) for use_case in use_cases_of("dev") for split in names.SPLITS
    ]
    (target,) = rule["Targets"]
    message = target["InputTransformer"]["InputTemplate"]
    assert "no pipeline reads s3://" in message
    assert "train.jsonl" in message
    assert "DeadLetterConfig" in target
    assert len(json.dumps(rule["EventPattern"])) < 2048


def test_alarm_emails_are_subscribed(app: App) -> None:
    assert not app["dev", "foundation"].of("AWS::SNS::Subscription")
