"""Tells people about uploads that no pipeline will ever see."""

import json
from collections.abc import Sequence
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from rft import names
from rft.errors import SettingsError

# EventBridge user guide, "Quotas": characters of an event pattern.
MAX_PATTERN_CHARACTERS: Final = 2048


class StrayUploads(Construct):
    """A rule on the datasets bucket for keys other than `<known use case>/<dataset>/<split>.jsonl`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: names.EnvironmentNames,
        use_cases: Sequence[str],
        topic_arn: str,
        key_arn: str,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        expected = [
            names.dataset_key(use_case, "*", split) for use_case in use_cases for split in names.SPLITS
        ]
        detail = {
            "bucket": {"name": [environment.datasets_bucket]},
            "object": {"key": [{"anything-but": {"wildcard": expected}}]},
        }
        if len(json.dumps(detail)) > MAX_PATTERN_CHARACTERS - 100:
            raise SettingsError(
                f"use_cases: {len(use_cases)} use cases make the stray-upload rule longer than EventBridge's "
                f"{MAX_PATTERN_CHARACTERS} characters; shorten their names or remove some"
            )
        # With a role of the rule's own, neither topic nor key needs to trust EventBridge as a whole.
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("events.amazonaws.com"),
            description=f"Reports stray uploads in the environment {environment.environment}",
        )
        role.add_to_policy(iam.PolicyStatement(actions=["sns:Publish"], resources=[topic_arn]))
        role.add_to_policy(
            iam.PolicyStatement(actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key_arn])
        )
        key, bucket = (
            events.EventField.from_path("$.detail.object.key"),
            events.EventField.from_path("$.detail.bucket.name"),
        )
        events.Rule(
            self,
            "Rule",
            rule_name=f"{names.PREFIX}-{environment.environment}-stray-upload",
            description="Uploads that no pipeline reads are reported to the alert topic",
            event_pattern=events.EventPattern(
                source=["aws.s3"], detail_type=["Object Created"], detail=detail
            ),
            targets=[
                targets.SnsTopic(
                    sns.Topic.from_topic_arn(self, "Topic", topic_arn),
                    authorize_using_role=True,
                    role=role.without_policy_updates(),
                    dead_letter_queue=dead_letters,
                    retry_attempts=24,
                    max_event_age=cdk.Duration.hours(6),
                    message=events.RuleTargetInput.from_text(
                        f"{environment.environment}: no pipeline reads s3://{bucket}/{key}. Upload "
                        "to <use case>/<dataset>/train.jsonl (validation and test beside) of one of: "
                        f"{', '.join(use_cases)}. Easiest: rft submit USE_CASE DIR"
                    ),
                )
            ],
        )
