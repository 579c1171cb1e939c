"""Alarms on the reward function as a Lambda function."""

from typing import Final

from aws_cdk import aws_lambda as lambda_

from rft import names
from stacks.constructs.alerts.alert import PERIOD, Alert, Severity

SLOW_SHARE: Final = 0.8  # of the timeout: the next slower answer is an error


def reward_alerts(
    use_case: names.UseCaseNames, reward: lambda_.Function, timeout_seconds: int
) -> tuple[Alert, ...]:
    """Errors, throttles, and a duration near the timeout."""
    settings = f"use_cases/{use_case.use_case}/use_case.yaml"
    where = f"--use-case {use_case.use_case} --env {use_case.environment}"
    return (
        Alert(
            scope=use_case.base,
            section="reward-errors",
            severity=Severity.CRITICAL,
            metric=reward.metric_errors(period=PERIOD),
            do=f"Read why: aws logs tail {use_case.log_group('reward')} --since 1h; runs that it harms: "
            f"rft runs list {where}.",
            why=f"The reward function of {use_case.use_case} raised or timed out, so rollouts of a running job go "
            "unscored.",
        ),
        Alert(
            scope=use_case.base,
            section="reward-throttles",
            severity=Severity.CRITICAL,
            metric=reward.metric_throttles(period=PERIOD),
            do=f"Raise reward.reserved_concurrency in {settings} and deploy, or free some: "
            "aws lambda get-account-settings.",
            why=f"Lambda throttles the reward function of {use_case.use_case}.",
        ),
        Alert(
            scope=use_case.base,
            section="reward-slow",
            severity=Severity.WARNING,
            metric=reward.metric_duration(period=PERIOD, statistic="p99"),
            threshold=timeout_seconds * 1000 * SLOW_SHARE,
            do=f"Raise reward.timeout_seconds or reward.memory_mb in {settings}, or find what is slow: "
            f"rft reward bench {use_case.use_case}.",
            why=f"The reward function of {use_case.use_case} needs over {SLOW_SHARE:.0%} of its {timeout_seconds} s.",
        ),
    )
