"""What MiniStack's CloudFormation lacks: `AWS::CloudWatch::CompositeAlarm`, and what it takes from a template
and forgets: the encryption keys of buckets, tables and topics, and the reserved concurrency of functions.
"""

import json
from collections.abc import Callable
from typing import Any, Final
from xml.sax.saxutils import escape

from ministack.services import cloudwatch, dynamodb, lambda_svc, s3, sns
from ministack.services.cloudformation import provisioners

from rehearsal.localaws.plugins import PluginMismatch, original

COMPOSITE_ALARM: Final = "AWS::CloudWatch::CompositeAlarm"
Props = dict[str, Any]
Create = Callable[[str, Props, str], tuple[str, dict[str, Any]]]


def apply() -> None:
    original(cloudwatch, "_put_composite_alarm", "d1c8174c3d5b")
    if COMPOSITE_ALARM in provisioners._RESOURCE_HANDLERS:
        raise PluginMismatch(f"ministack provides {COMPOSITE_ALARM} itself: remove the plug-in")
    provisioners._RESOURCE_HANDLERS[COMPOSITE_ALARM] = {"create": _create_alarm, "delete": _delete_alarm}
    for resource_type, complete in (
        ("AWS::S3::Bucket", _encrypt_bucket),
        ("AWS::DynamoDB::Table", _encrypt_table),
        ("AWS::DynamoDB::GlobalTable", _encrypt_table),
        ("AWS::SNS::Topic", _encrypt_topic),
        ("AWS::Lambda::Function", _reserve_concurrency),
    ):
        handlers = provisioners._RESOURCE_HANDLERS[resource_type]
        changed = {**handlers, "create": _then(handlers["create"], complete)}
        provisioners._RESOURCE_HANDLERS[resource_type] = changed


def _then(create: Create, complete: Callable[[str, Props], None]) -> Create:
    def create_completely(logical_id: str, props: Props, stack_name: str) -> tuple[str, dict[str, Any]]:
        physical_id, attributes = create(logical_id, props, stack_name)
        complete(physical_id, props)
        return physical_id, attributes

    return create_completely


def _encrypt_bucket(name: str, props: Props) -> None:
    rules = (props.get("BucketEncryption") or {}).get("ServerSideEncryptionConfiguration") or []
    default = (rules[0].get("ServerSideEncryptionByDefault") or {}) if rules else {}
    key = str(default.get("KMSMasterKeyID", ""))
    if not key:
        return
    bucket_key = str(rules[0].get("BucketKeyEnabled", False)).lower()
    s3._bucket_encryption[name] = (
        '<ServerSideEncryptionConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Rule>'
        "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
        f"<KMSMasterKeyID>{escape(key)}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault>"
        f"<BucketKeyEnabled>{bucket_key}</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
    ).encode()


def _encrypt_table(name: str, props: Props) -> None:
    specification = props.get("SSESpecification") or {}
    replicas = [replica.get("SSESpecification") or {} for replica in props.get("Replicas") or []]
    key = next(
        (found["KMSMasterKeyId"] for found in (specification, *replicas) if "KMSMasterKeyId" in found), None
    )
    if key:
        described = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key}
        dynamodb._tables[name.rsplit("/", 1)[-1]]["SSEDescription"] = described


def _encrypt_topic(arn: str, props: Props) -> None:
    if props.get("KmsMasterKeyId"):
        sns._topics[arn]["attributes"]["KmsMasterKeyId"] = props["KmsMasterKeyId"]


def _reserve_concurrency(name: str, props: Props) -> None:
    if "ReservedConcurrentExecutions" in props:
        lambda_svc._functions[name]["concurrency"] = int(props["ReservedConcurrentExecutions"])


def _create_alarm(logical_id: str, props: Props, stack_name: str) -> tuple[str, dict[str, Any]]:
    name = props.get("AlarmName") or provisioners._physical_name(stack_name, logical_id, max_len=255)
    enabled = str(props.get("ActionsEnabled", "true")).lower() != "false"
    status, _, body = cloudwatch._put_composite_alarm(
        {}, {**props, "AlarmName": name, "ActionsEnabled": enabled}, is_cbor=False, is_json=True
    )
    if status >= 400:
        text = body.decode() if isinstance(body, bytes) else str(body)
        raise ValueError(f"{COMPOSITE_ALARM}: {json.loads(text).get('message', text)}")
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _delete_alarm(physical_id: str, props: Props) -> None:
    cloudwatch._composite_alarms.pop(physical_id, None)
