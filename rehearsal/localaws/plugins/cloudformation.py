"""Resource types that MiniStack's CloudFormation lacks: `AWS::CloudWatch::CompositeAlarm`."""

import json
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from rehearsal.localaws.plugins import PluginMismatch, original

COMPOSITE_ALARM = "AWS::CloudWatch::CompositeAlarm"


def apply() -> None:
    original(cloudwatch, "_put_composite_alarm", "d1c8174c3d5b")
    if COMPOSITE_ALARM in provisioners._RESOURCE_HANDLERS:
        raise PluginMismatch(f"ministack provides {COMPOSITE_ALARM} itself: remove the plug-in")
    provisioners._RESOURCE_HANDLERS[COMPOSITE_ALARM] = {"create": _create, "delete": _delete}


def _create(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    name = props.get("AlarmName") or provisioners._physical_name(stack_name, logical_id, max_len=255)
    enabled = str(props.get("ActionsEnabled", "true")).lower() != "false"
    status, _, body = cloudwatch._put_composite_alarm(
        {}, {**props, "AlarmName": name, "ActionsEnabled": enabled}, is_cbor=False, is_json=True
    )
    if status >= 400:
        text = body.decode() if isinstance(body, bytes) else str(body)
        raise ValueError(f"{COMPOSITE_ALARM}: {json.loads(text).get('message', text)}")
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _delete(physical_id: str, props: dict[str, Any]) -> None:
    cloudwatch._composite_alarms.pop(physical_id, None)
