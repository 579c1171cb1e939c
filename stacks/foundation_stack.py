"""What the use cases of an environment share: key, buckets, table, topic. It outlives them."""

from collections.abc import Sequence

import aws_cdk as cdk
from constructs import Construct

from rft import names
from stacks.constructs.alarms import Alarms
from stacks.constructs.alert_topic import AlertTopic
from stacks.constructs.alerts.workflow import dead_letter_alert
from stacks.constructs.buckets import Buckets
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.encryption_key import EncryptionKey
from stacks.constructs.runs_table import RunsTable
from stacks.constructs.stray_uploads import StrayUploads
from stacks.settings import Environment

FOUNDATION: str = "foundation"


class FoundationStack(cdk.Stack):
    """One per environment."""

    def __init__(self, scope: Construct, *, environment: Environment, use_cases: Sequence[str]) -> None:
        settings, found = environment.settings, environment.names
        super().__init__(
            scope,
            FOUNDATION,
            stack_name=found.foundation_stack,
            description=f"RFT pipeline: storage, key and alerts of the environment {environment.name}",
            env=cdk.Environment(account=settings.account, region=settings.region),
            termination_protection=environment.keeps_data,
        )
        key = EncryptionKey(self, "Key", environment=found, keeps_data=environment.keeps_data).key
        Buckets(
            self,
            "Buckets",
            environment=found,
            key=key,
            keeps_data=environment.keeps_data,
            data_retention_days=settings.data_retention_days,
        )
        RunsTable(self, "Runs", table_name=found.runs_table, key=key, keeps_data=environment.keeps_data)
        topic = AlertTopic(
            self,
            "Alerts",
            topic_name=found.alert_topic,
            account=settings.account,
            key=key,
            emails=settings.alarm_emails,
        ).topic
        dead_letters = DeadLetters(self, "DeadLetters", queue_name=found.dead_letters, key=key).queue
        StrayUploads(
            self,
            "StrayUploads",
            environment=found,
            use_cases=use_cases,
            # By name: the CDK cannot tell the account of a reference, and warns.
            topic_arn=self.format_arn(service="sns", resource=found.alert_topic),
            key_arn=key.key_arn,
            dead_letters=dead_letters,
        )
        Alarms(
            self,
            "Alarms",
            topic=topic,
            alerts=(
                dead_letter_alert(
                    scope=f"{names.PREFIX}-{environment.name}",
                    queue=dead_letters,
                    queue_name=found.dead_letters,
                ),
            ),
        )
