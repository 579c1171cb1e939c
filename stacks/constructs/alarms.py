"""The alarms of one scope: each tells the alert topic what to do, one a severity tells when all is well again."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from rft import names
from rft.settings import Workflow
from stacks.constructs.alerts.alert import Alert, Severity
from stacks.constructs.alerts.reward import reward_alerts
from stacks.constructs.alerts.training import training_alerts
from stacks.constructs.alerts.workflow import dead_letter_alert, workflow_alerts


class Alarms(Construct):
    """Alarms of one scope, all with the same action.

    With `summary`, the beginning of a name, one composite alarm a severity is in alarm while any of its alarms is. It
    publishes only that all are over, because each of them has published what to do; a pager follows its state.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        topic: sns.ITopic,
        alerts: Sequence[Alert],
        summary: str | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        action = actions.SnsAction(topic)
        self.by_severity: dict[Severity, list[cloudwatch.IAlarm]] = {severity: [] for severity in Severity}
        for alert in alerts:
            alarm = cloudwatch.Alarm(
                self,
                alert.name,
                alarm_name=alert.name,
                alarm_description=alert.description,
                comparison_operator=alert.compares,
                evaluation_periods=alert.periods,
                datapoints_to_alarm=alert.periods,
                metric=alert.metric,
                threshold=alert.threshold,
                treat_missing_data=alert.missing,
            )
            alarm.add_alarm_action(action)
            self.by_severity[alert.severity].append(alarm)
        self.summaries = [
            self._summary(f"{summary}-{severity}", severity, action)
            for severity, found in self.by_severity.items()
            if summary and found
        ]

    def _summary(self, name: str, severity: Severity, action: actions.SnsAction) -> cloudwatch.CompositeAlarm:
        composite = cloudwatch.CompositeAlarm(
            self,
            name,
            composite_alarm_name=name,
            alarm_description=f"Do what the alarms that ring say: aws cloudwatch describe-alarms --state-value ALARM "
            f"--alarm-name-prefix {name.removesuffix(severity)}. At least one {severity} alarm rings. "
            f"See docs/RUNBOOK.md, section {severity}.",
            alarm_rule=cloudwatch.AlarmRule.any_of(
                *(
                    cloudwatch.AlarmRule.from_alarm(alarm, cloudwatch.AlarmState.ALARM)
                    for alarm in self.by_severity[severity]
                )
            ),
        )
        composite.add_ok_action(action)
        return composite


def use_case_alerts(
    *,
    use_case: names.UseCaseNames,
    pipeline: sfn.StateMachine,
    reward: lambda_.Function,
    reward_timeout_seconds: int,
    dead_letters: sqs.Queue,
    workflow: Workflow,
    max_reward_error_share: float,
    publishes_entropy: bool,
) -> tuple[Alert, ...]:
    """The alarms of one use case."""
    return (
        *workflow_alerts(use_case, pipeline, workflow),
        *reward_alerts(use_case, reward, reward_timeout_seconds),
        *training_alerts(
            use_case,
            watch_interval_seconds=workflow.watch_interval_seconds,
            max_reward_error_share=max_reward_error_share,
            publishes_entropy=publishes_entropy,
        ),
        dead_letter_alert(scope=use_case.base, queue=dead_letters, queue_name=use_case.dead_letters),
    )
