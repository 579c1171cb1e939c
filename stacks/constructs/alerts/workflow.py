"""Alarms on runs: how they end, and what they wait for."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

from rft import names
from rft.monitoring import workflow_metrics
from rft.settings import Workflow
from stacks.constructs.alerts.alert import PERIOD, UNCHANGED, Alert, Severity, own_metric, polled

UNANSWERED_HOURS: Final = 8  # a working day
QUEUE_SHARE: Final = 0.5  # of the longest wait, after which a run gives up


def workflow_alerts(
    use_case: names.UseCaseNames, pipeline: sfn.StateMachine, workflow: Workflow
) -> tuple[Alert, ...]:
    """The alarms on the state machine and on what its runs wait for."""
    where = f"--use-case {use_case.use_case} --env {use_case.environment}"
    find = f"rft runs list {where}; then rft runs show RUN {where}"
    jobs = f"aws bedrock list-model-customization-jobs --status-equals InProgress --name-contains {use_case.base}"
    longest = workflow.slot_max_wait_seconds
    return (
        Alert(
            scope=use_case.base,
            section="workflow-failed",
            severity=Severity.CRITICAL,
            metric=pipeline.metric_failed(period=PERIOD),
            do=f"Find the run and its cause: {find}.",
            why=f"A run of {use_case.use_case} failed; it was cleaned up after.",
        ),
        Alert(
            scope=use_case.base,
            section="workflow-timed-out",
            severity=Severity.CRITICAL,
            metric=pipeline.metric_timed_out(period=PERIOD),
            do=f"Check that no job is left: {jobs}.",
            why=f"A run of {use_case.use_case} took longer than the workflow allows. Find it: {find}.",
        ),
        Alert(
            scope=use_case.base,
            section="workflow-aborted",
            severity=Severity.WARNING,
            metric=pipeline.metric_aborted(period=PERIOD),
            do=f"Check that no job is left that nobody wants: {jobs}.",
            why=f"Somebody aborted a run of {use_case.use_case}. Find it: {find}.",
        ),
        Alert(
            scope=use_case.base,
            section="approval-unanswered",
            severity=Severity.WARNING,
            metric=_still_open(use_case),
            periods=UNANSWERED_HOURS,
            missing=UNCHANGED,
            do=f"Answer with rft approve RUN {where} or rft reject RUN {where} --reason TEXT; the run: {find}.",
            why=f"A run of {use_case.use_case} has waited {UNANSWERED_HOURS} hours for a person; silence means no.",
        ),
        Alert(
            scope=use_case.base,
            section="slot-queue",
            severity=Severity.WARNING,
            metric=own_metric(
                use_case,
                workflow_metrics.SLOT_WAIT_SECONDS,
                statistic="Maximum",
                period=polled(workflow.slot_poll_seconds),
            ),
            threshold=longest * QUEUE_SHARE,
            do=f"See who holds the training slots: rft runs list --env {use_case.environment}.",
            why=f"A run of {use_case.use_case} has waited for over {QUEUE_SHARE:.0%} of the "
            f"{longest / 3600:g} h after which it gives up.",
        ),
    )


def _still_open(use_case: names.UseCaseNames) -> cloudwatch.MathExpression:
    """The number of open questions: reported when one is asked and when it is settled, and in between as it was."""
    reported = own_metric(
        use_case, workflow_metrics.OPEN_APPROVALS, statistic="Minimum", period=cdk.Duration.hours(1)
    )
    return cloudwatch.MathExpression(
        expression="FILL(reported, REPEAT)",
        using_metrics={"reported": reported},
        label="open questions",
        period=cdk.Duration.hours(1),
    )


def dead_letter_alert(*, scope: str, queue: sqs.Queue, queue_name: str) -> Alert:
    """Rings while a dead-letter queue holds a message."""
    return Alert(
        scope=scope,
        section="dead-letters",
        severity=Severity.CRITICAL,
        metric=queue.metric_approximate_number_of_messages_visible(period=PERIOD, statistic="Maximum"),
        do=f"Read a message: aws sqs receive-message --queue-url $(aws sqs get-queue-url --queue-name {queue_name} "
        "--query QueueUrl --output text) --attribute-names All --message-attribute-names All; mend the cause, "
        "submit again, purge the queue.",
        why=f"Events could not be delivered and wait in {queue_name}.",
    )
