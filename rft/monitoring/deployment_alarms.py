"""Alarms on the inference of a use case's stable deployment.

Bedrock's metrics have the deployment's ARN as their only dimension, and alarms take no search. The ARN is known once
the first promotion has made the deployment, so the workflow puts these alarms, not CloudFormation. Every promotion
puts them again under the same names.
"""

from typing import Any, Final

from rft import aws
from rft.names import UseCaseNames

PERIOD_SECONDS: Final = 300
ERRORS: Final = 5  # of the service in one period
SLOW_MS: Final = 30_000
INFERENCE: Final = ("inference-errors", "inference-throttles", "inference-slow")


def put_alarms(names: UseCaseNames, deployment_arn: str, topic_arn: str) -> None:
    """Create or update the three alarms."""
    for alarm in alarms(names, deployment_arn, topic_arn):
        aws.client("cloudwatch").put_metric_alarm(**alarm)


def alarms(names: UseCaseNames, deployment_arn: str, topic_arn: str) -> list[dict[str, Any]]:
    """What `PutMetricAlarm` takes, one each."""
    errors, throttles, slow = INFERENCE
    back = (
        "aws bedrock update-custom-model-deployment --custom-model-deployment-identifier "
        f"{names.stable_deployment} --model-arn PREVIOUS"
    )
    look = (
        "Look at the deployment: aws bedrock get-custom-model-deployment --custom-model-deployment-identifier "
        f"{names.stable_deployment}; if it began with a promotion: {back}. Bedrock failed {ERRORS} or more requests "
        f"in {PERIOD_SECONDS // 60} minutes."
    )
    slower = (
        "Slow the callers down or ask for a higher quota: aws service-quotas list-service-quotas --service-code "
        "bedrock. Bedrock has throttled requests for 15 minutes."
    )
    compare = (
        f"Compare the length of answers before and after the last promotion; if it grew: {back}. One answer in 20 "
        f"has taken over {SLOW_MS // 1000} s for 15 minutes."
    )
    wanted: tuple[tuple[str, str, str, float, int, dict[str, str]], ...] = (
        (errors, look, "InvocationServerErrors", ERRORS, 1, {"Statistic": "Sum"}),
        (throttles, slower, "InvocationThrottles", 1, 3, {"Statistic": "Sum"}),
        (slow, compare, "InvocationLatency", SLOW_MS, 3, {"ExtendedStatistic": "p95"}),
    )
    return [
        {
            "AlarmName": names.alarm(what),
            "AlarmDescription": f"{do} See docs/RUNBOOK.md, section {what}.",
            "AlarmActions": [topic_arn],
            "Namespace": "AWS/Bedrock",
            "MetricName": metric,
            "Dimensions": [{"Name": "ModelId", "Value": deployment_arn}],
            "Period": PERIOD_SECONDS,
            "EvaluationPeriods": periods,
            "DatapointsToAlarm": periods,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            **statistic,
        }
        for what, do, metric, threshold, periods, statistic in wanted
    ]
