"""The EventBridge rules of a use case: what starts the pipeline, wakes it, and cleans up after it."""

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from rft import names
from stacks.constructs.access import Access

RETRY_ATTEMPTS: Final = 24
MAX_EVENT_AGE: Final = cdk.Duration.hours(6)
ABORTED: Final = ("ABORTED", "TIMED_OUT")


class Triggers(Construct):
    """Undeliverable events of every rule end in `dead_letters`, which has an alarm."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        access: Access,
        pipeline: sfn.IStateMachine,
        on_job_event: lambda_.IFunction,
        after_abort: sfn.IStateMachine,
        adoption_seconds: int,
        collect_logs: lambda_.IFunction | None,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        use_case = access.use_case
        uploads = names.dataset_key(use_case.use_case, "*", names.TRAIN)
        events.Rule(
            self,
            "Upload",
            rule_name=f"{use_case.base}-upload",
            description=f"An upload of {uploads} starts the pipeline",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={
                    "bucket": {"name": [access.environment.datasets_bucket]},
                    # One pattern is prefix and suffix at once; the pipeline writes to another bucket.
                    "object": {"key": [{"wildcard": uploads}]},
                },
            ),
            targets=[
                targets.SfnStateMachine(
                    pipeline,
                    dead_letter_queue=dead_letters,
                    retry_attempts=RETRY_ATTEMPTS,
                    max_event_age=MAX_EVENT_AGE,
                    input=events.RuleTargetInput.from_object(
                        {
                            "bucket": events.EventField.from_path("$.detail.bucket.name"),
                            "key": events.EventField.from_path("$.detail.object.key"),
                            "version_id": events.EventField.from_path("$.detail.object.version-id"),
                        }
                    ),
                )
            ],
        )
        events.Rule(
            self,
            "JobEvent",
            rule_name=f"{use_case.base}-job-event",
            description="The end of a customization job wakes the run that waits for it",
            event_pattern=events.EventPattern(
                source=["aws.bedrock"],
                detail_type=["Model Customization Job State Change"],
                account=[access.environment.account],
                detail={"jobName": [{"prefix": f"{use_case.base}-"}]},
            ),
            targets=[self._function(on_job_event, dead_letters)],
        )
        events.Rule(
            self,
            "Aborted",
            rule_name=f"{use_case.base}-aborted",
            description="An execution that was aborted or timed out is cleaned up after",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"status": list(ABORTED), "stateMachineArn": [access.pipeline_arn]},
            ),
            targets=[
                targets.SfnStateMachine(
                    after_abort,
                    dead_letter_queue=dead_letters,
                    retry_attempts=RETRY_ATTEMPTS,
                    max_event_age=MAX_EVENT_AGE,
                    input=events.RuleTargetInput.from_object(
                        {
                            "execution_arn": events.EventField.from_path("$.detail.executionArn"),
                            "status": events.EventField.from_path("$.detail.status"),
                            "adoption_seconds": adoption_seconds,
                        }
                    ),
                )
            ],
        )

        if collect_logs is not None and access.logs is not None and access.logs.schedule is not None:
            events.Rule(
                self,
                "CollectLogs",
                rule_name=f"{use_case.base}-collect-logs",
                description="What was logged becomes a dataset, whose upload starts the pipeline",
                schedule=events.Schedule.expression(access.logs.schedule),
                targets=[self._function(collect_logs, dead_letters)],
            )

    @staticmethod
    def _function(function: lambda_.IFunction, dead_letters: sqs.IQueue) -> targets.LambdaFunction:
        return targets.LambdaFunction(
            function,
            dead_letter_queue=dead_letters,
            retry_attempts=RETRY_ATTEMPTS,
            max_event_age=MAX_EVENT_AGE,
        )
