"""EventBridge delivers with the target's role, or with what the target's resource policy lets it do, and
sends what it cannot deliver to the dead-letter queue. MiniStack delivers everything, and knows no such queue.

Failures are counted as `FailedInvocations` in the namespace AWS/Events.
"""

import json
import logging
from collections.abc import Callable
from typing import Any, Final

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.arn import parse_arn
from ministack.services import eventbridge, lambda_svc, sns, sqs

from rehearsal.localaws import identity, metrics
from rehearsal.localaws.plugins import replace

SERVICE: Final = "events.amazonaws.com"
BY_POLICY: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "lambda": ("lambda:InvokeFunction", lambda_svc.function_policy_for_arn),
    "sqs": ("sqs:SendMessage", sqs.queue_policy_for_arn),
    "sns": ("sns:Publish", sns.topic_policy_for_arn),
}
_log = logging.getLogger(__name__)


def apply() -> None:
    replace(eventbridge, "_invoke_target", "550e304af080", _with_permission)


def _with_permission(invoke: Callable[..., None]) -> Callable[..., None]:
    def invoke_target(target: dict[str, Any], event: Any, rule: dict[str, Any], view: Any = None) -> None:
        refusal = _refusal(target, rule) if app.AUTH else None
        if refusal is None:
            invoke(target, event, rule, view)
            return
        _log.warning("EventBridge rule %s cannot reach its target: %s", rule["Name"], refusal)
        metrics.put("AWS/Events", "FailedInvocations", [1.0], {"RuleName": rule["Name"]}, "Count")
        queue = (target.get("DeadLetterConfig") or {}).get("Arn")
        if queue and _policy_allows("sqs", queue, rule["Arn"]):
            shown = view or eventbridge._pattern_event_view(event)
            eventbridge._dispatch_to_sqs(parse_arn(queue), json.dumps(shown.event_with_detail()))

    return invoke_target


def _refusal(target: dict[str, Any], rule: dict[str, Any]) -> str | None:
    """Why the rule may not deliver to its target, None when it may."""
    arn = str(target.get("Arn", ""))
    service = arn.split(":")[2] if arn.count(":") >= 5 else ""
    role = target.get("RoleArn") or rule.get("RoleArn")
    if service == "states" or (service in BY_POLICY and role):
        action = "states:StartExecution" if service == "states" else BY_POLICY[service][0]
        return _role_refusal(role, action, arn, rule["Arn"])
    if service in BY_POLICY and not _policy_allows(service, arn, rule["Arn"]):
        return f"the resource policy of {arn} does not allow {SERVICE} to do {BY_POLICY[service][0]}"
    return None


def _role_refusal(role: str | None, action: str, arn: str, rule_arn: str) -> str | None:
    if not role:
        return f"{arn} needs a role"
    try:
        identity.assume_service_role(role, SERVICE, identity.account(), rule_arn, "events")
    except identity.AccessDenied as error:
        return str(error)
    return None if identity.role_allows(role, action, arn) else f"{role} does not allow {action} on {arn}"


def _policy_allows(service: str, arn: str, rule_arn: str) -> bool:
    action, policy_of = BY_POLICY[service]
    found = policy_of(arn)
    ctx = iam_evaluator.EvalContext(
        principal_arn=SERVICE,
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=arn,
        region=identity.region(),
        service_context={
            "aws:sourcearn": rule_arn,
            "aws:sourceaccount": identity.account(),
            "aws:principalisawsservice": "true",
        },
    )
    policy = found[0] if found else None
    return bool(policy and iam_evaluator.evaluate_resource_policy(policy, ctx, SERVICE).decision == "Allow")
