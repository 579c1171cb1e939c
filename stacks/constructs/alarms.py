"""Alarms that say what to do. Each has the alert topic as its action and is quiet where there is no data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from rft import names

PERIOD: Final = cdk.Duration.minutes(5)
SLOW_SHARE: Final = 0.8  # of the timeout: the next slower answer is an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alarm: it rings when `metric` is at least `threshold`."""

    name: str
    metric: cloudwatch.IMetric
    description: str
    threshold: float = 1
    periods: int = 1


class Alarms(Construct):
    """Alarms of one scope, all with the same action."""

    def __init__(
        self, scope: Construct, construct_id: str, *, topic: sns.ITopic, alerts: tuple[Alert, ...]
    ) -> None:
        super().__init__(scope, construct_id)
        for alert in alerts:
            alarm = cloudwatch.Alarm(
                self,
                alert.name,
                alarm_name=alert.name,
                alarm_description=alert.description,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                evaluation_periods=alert.periods,
                metric=alert.metric,
                threshold=alert.threshold,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            alarm.add_alarm_action(actions.SnsAction(topic))


def use_case_alerts(
    *,
    use_case: names.UseCaseNames,
    pipeline: sfn.StateMachine,
    reward: lambda_.Function,
    reward_timeout_seconds: int,
    dead_letters: sqs.Queue,
) -> tuple[Alert, ...]:
    """The alarms of one use case."""
    where = f"--use-case {use_case.use_case} --environment {use_case.environment}"
    runs = f"Find the run and its cause: rft runs list {where}; then: rft runs show RUN"
    jobs = (
        "It is cleaned up after; check that no job is left: "
        f"aws bedrock list-model-customization-jobs --name-contains {use_case.base}"
    )
    log = f"aws logs tail {use_case.log_group('reward')} --since 1h"
    timeout_ms = reward_timeout_seconds * 1000
    return (
        Alert(
            name=use_case.alarm("workflow-failed"),
            metric=pipeline.metric_failed(period=PERIOD),
            description=f"A run of {use_case.use_case} failed; it was cleaned up after. {runs}",
        ),
        Alert(
            name=use_case.alarm("workflow-timed-out"),
            metric=pipeline.metric_timed_out(period=PERIOD),
            description=f"A run of {use_case.use_case} took longer than the workflow allows. {jobs}. {runs}",
        ),
        Alert(
            name=use_case.alarm("workflow-aborted"),
            metric=pipeline.metric_aborted(period=PERIOD),
            description=f"Somebody aborted a run of {use_case.use_case}. {jobs}. {runs}",
        ),
        Alert(
            name=use_case.alarm("reward-errors"),
            metric=reward.metric_errors(period=PERIOD),
            description=f"The reward function of {use_case.use_case} raised or timed out, so rollouts "
            f"of a running job go unscored. Read why: {log}. Running jobs: rft runs list {where}",
        ),
        Alert(
            name=use_case.alarm("reward-throttles"),
            metric=reward.metric_throttles(period=PERIOD),
            description=f"Lambda throttles the reward function of {use_case.use_case}. Raise reward."
            f"reserved_concurrency in use_cases/{use_case.use_case}/use_case.yaml and deploy, or free some: "
            "aws lambda get-account-settings",
        ),
        Alert(
            name=use_case.alarm("reward-slow"),
            metric=reward.metric_duration(period=PERIOD, statistic="p99"),
            threshold=timeout_ms * SLOW_SHARE,
            description=f"The reward function of {use_case.use_case} needs over {SLOW_SHARE:.0%} of its "
            f"{reward_timeout_seconds} s. Raise reward.timeout_seconds or reward.memory_mb in "
            f"use_cases/{use_case.use_case}/use_case.yaml, or find what is slow: "
            f"time rft reward score {use_case.use_case} FILE",
        ),
        dead_letter_alert(
            name=use_case.alarm("dead-letters"), queue=dead_letters, queue_name=use_case.dead_letters
        ),
    )


def dead_letter_alert(*, name: str, queue: sqs.Queue, queue_name: str) -> Alert:
    """Rings while a dead-letter queue holds a message."""
    return Alert(
        name=name,
        metric=queue.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum"),
        description=f"Events could not be delivered and wait in {queue_name}. Read one: "
        f"aws sqs receive-message --queue-url $(aws sqs get-queue-url --queue-name "
        f"{queue_name} --query QueueUrl --output text) "
        "--attribute-names All --message-attribute-names All; mend the cause, submit again, purge the queue",
    )


def reward_metric(
    name: str, *, dimensions: Mapping[str, str], namespace: str, statistic: str
) -> cloudwatch.Metric:
    """A metric that the reward function reports of itself."""
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dict(dimensions),
        period=PERIOD,
        statistic=statistic,
    )
