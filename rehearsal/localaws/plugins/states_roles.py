"""Step Functions does everything with the state machine's own role; MiniStack does it with none.

Each task, item reader and child execution is checked against that role first, and fails with the error name
that AWS gives, so that a permission missing from the template fails the rehearsal.
"""

import contextvars
from collections.abc import Callable, Iterator
from typing import Any, Final

from ministack import app
from ministack.core import iam_evaluator, responses
from ministack.services import stepfunctions as sfn

from rehearsal.localaws import identity
from rehearsal.localaws.plugins import replace

MANAGED_RULE: Final = "StepFunctionsGetEventsForStepFunctionsExecutionRule"
DENIED: Final = {
    "lambda": "Lambda.AWSLambdaException",
    "states": "StepFunctions.AWSStepFunctionsException",
    "sns": "SNS.AuthorizationErrorException",
    "sqs": "SQS.AmazonSQSException",
    "dynamodb": "DynamoDB.AmazonDynamoDBException",
    "events": "EventBridge.AmazonEventBridgeException",
}
Check = tuple[str, str]

_access_key: contextvars.ContextVar[str] = contextvars.ContextVar("states_role", default="")
execution_record: contextvars.ContextVar[dict[str, Any] | None] = contextvars.ContextVar(
    "execution", default=None
)


def apply() -> None:
    replace(sfn, "_run_execution", "996dff84e0e0", _with_role)
    replace(sfn, "_invoke_resource", "a85d2be9a858", _with_checks)


def _with_role(run: Callable[[str], None]) -> Callable[[str], None]:
    def run_with_role(execution_arn: str) -> None:
        execution = sfn._executions.get(execution_arn)
        machine = sfn._state_machines.get(execution["stateMachineArn"]) if execution else None
        if machine is None or not app.AUTH:
            run(execution_arn)
            return
        try:
            credentials = identity.assume_service_role(
                machine["roleArn"],
                "states.amazonaws.com",
                source_account=identity.account(),
                source_arn=machine["stateMachineArn"],
                session_name=execution["name"],
            )
        except identity.AccessDenied as error:
            sfn._fail_execution(execution, "States.Runtime", f"AccessDeniedException: {error}")
            return
        key_token = _access_key.set(credentials["AccessKeyId"])
        record_token = execution_record.set(execution)
        try:
            run(execution_arn)
        finally:
            _access_key.reset(key_token)
            execution_record.reset(record_token)

    return run_with_role


def _with_checks(invoke: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    def invoke_checked(resource: str, input_data: Any) -> Any:
        for action, arn in _checks(resource, input_data if isinstance(input_data, dict) else {}):
            require(action, arn, DENIED.get(action.split(":")[0]) or _sdk_error(resource))
        return invoke(resource, input_data)

    return invoke_checked


def require(action: str, arn: str, error: str) -> None:
    """Raise the execution error `error` unless the running state machine's role allows `action` on `arn`."""
    access_key = _access_key.get()
    if not access_key:
        return
    denied = iam_evaluator.enforce(
        access_key, action, action.split(":")[0], responses.get_region(), resource_arn=arn
    )
    if denied is None:
        return
    if isinstance(denied, iam_evaluator.AuthError):
        raise sfn._ExecutionError(error, f"{denied.message} (Error Code: {denied.code})")
    principal = denied.principal_arn
    raise sfn._ExecutionError(
        error,
        f"User: {principal} is not authorized to perform: {action} on resource: {arn} because no "
        f"identity-based policy allows the {action} action (Error Code: AccessDeniedException)",
    )


def _checks(resource: str, data: dict[str, Any]) -> Iterator[Check]:
    """What the role must be allowed for one task; nothing for a resource that is not known here."""
    here = f"{responses.get_region()}:{responses.get_account_id()}"
    if ":function:" in resource:
        yield "lambda:InvokeFunction", resource
        return
    for integration, checks in INTEGRATIONS.items():
        if f"states:::{integration}" in resource:
            yield from checks(resource, data, here)


def _invoke_checks(_: str, data: dict[str, Any], here: str) -> Iterator[Check]:
    name = str(data.get("FunctionName", ""))
    yield (
        "lambda:InvokeFunction",
        name if name.startswith("arn:") else f"arn:aws:lambda:{here}:function:{name}",
    )


def _child_checks(resource: str, data: dict[str, Any], here: str) -> Iterator[Check]:
    machine = str(data.get("StateMachineArn", ""))
    yield "states:StartExecution", machine
    if ".sync" in resource:
        yield "states:DescribeExecution", f"{machine.replace(':stateMachine:', ':execution:')}:*"
        yield "events:PutRule", f"arn:aws:events:{here}:rule/{MANAGED_RULE}"
        yield "events:PutTargets", f"arn:aws:events:{here}:rule/{MANAGED_RULE}"


def _publish_checks(_: str, data: dict[str, Any], here: str) -> Iterator[Check]:
    yield "sns:Publish", str(data.get("TopicArn", "*"))


def _queue_checks(_: str, data: dict[str, Any], here: str) -> Iterator[Check]:
    yield "sqs:SendMessage", f"arn:aws:sqs:{here}:{str(data.get('QueueUrl', '')).rsplit('/', 1)[-1]}"


def _item_checks(resource: str, data: dict[str, Any], here: str) -> Iterator[Check]:
    action = resource.rsplit(":", 1)[-1]
    yield (
        f"dynamodb:{action[0].upper()}{action[1:]}",
        f"arn:aws:dynamodb:{here}:table/{data.get('TableName')}",
    )


def _event_checks(_: str, data: dict[str, Any], here: str) -> Iterator[Check]:
    for entry in data.get("Entries", []):
        bus = str(entry.get("EventBusName", "default"))
        yield "events:PutEvents", bus if bus.startswith("arn:") else f"arn:aws:events:{here}:event-bus/{bus}"


def _sdk_checks(resource: str, data: dict[str, Any], here: str) -> Iterator[Check]:
    """Checks of an SDK integration whose resource the parameters name; others are not checked."""
    service, action = resource.split(":")[6].lower(), resource.split(":")[7].split(".")[0]
    name = f"{action[0].upper()}{action[1:]}"
    if service == "dynamodb" and "TableName" in data:
        yield f"dynamodb:{name}", f"arn:aws:dynamodb:{here}:table/{data['TableName']}"
    elif service == "ssm" and "Name" in data:
        yield f"ssm:{name}", f"arn:aws:ssm:{here}:parameter/{str(data['Name']).lstrip('/')}"
    elif service == "s3" and "Bucket" in data:
        key = f"/{data['Key']}" if "Key" in data else ""
        checked = {"HeadObject": "GetObject", "ListObjectsV2": "ListBucket", "HeadBucket": "ListBucket"}.get(
            name, name
        )
        yield f"s3:{checked}", f"arn:aws:s3:::{data['Bucket']}{key}"
    elif service == "sns" and "TopicArn" in data:
        yield f"sns:{name}", str(data["TopicArn"])
    elif service == "sfn":
        found = data.get("StateMachineArn") or data.get("ExecutionArn") or "*"
        yield f"states:{name}", str(found)


INTEGRATIONS: Final[dict[str, Callable[[str, dict[str, Any], str], Iterator[Check]]]] = {
    "lambda:invoke": _invoke_checks,
    "states:startExecution": _child_checks,
    "sns:publish": _publish_checks,
    "sqs:sendMessage": _queue_checks,
    "dynamodb:": _item_checks,
    "events:putEvents": _event_checks,
    "aws-sdk:": _sdk_checks,
}


def _sdk_error(resource: str) -> str:
    service = resource.split(":")[6] if "aws-sdk" in resource else "States"
    return str(sfn._prefix_sdk_error(service, f"{service.capitalize()}Exception"))
