"""Everything of one use case in one environment; its roles reach this use case's data only."""

import dataclasses
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from rft import names
from stacks.constructs.access import Access
from stacks.constructs.alarms import Alarms, use_case_alerts
from stacks.constructs.code import CodeStager
from stacks.constructs.dashboard import Dashboard
from stacks.constructs.dead_letters import DeadLetters
from stacks.constructs.encryption_key import environment_key
from stacks.constructs.function_base import FunctionDefaults
from stacks.constructs.job_role import JobRole
from stacks.constructs.layers import Layers
from stacks.constructs.reward_function import RewardFunction
from stacks.constructs.triggers import Triggers
from stacks.constructs.workflow import Workflow
from stacks.constructs.workflow_functions import WorkflowFunctions
from stacks.functions import COLLECT_LOGS
from stacks.settings import Environment, UseCase


class UseCaseStack(cdk.Stack):
    """One per use case and environment; refers to the foundation by name, never by reference."""

    def __init__(
        self, scope: Construct, *, environment: Environment, use_case: UseCase, root: Path, stager: CodeStager
    ) -> None:
        settings = environment.settings
        own = names.UseCaseNames(environment.name, use_case.name)
        super().__init__(
            scope,
            use_case.name,
            stack_name=own.stack,
            description=f"RFT pipeline: {use_case.settings.description}",
            env=cdk.Environment(account=settings.account, region=settings.region),
        )
        key = environment_key(self, "Key", environment=environment.names)
        defaults = FunctionDefaults(
            architecture=settings.lambda_architecture,
            key=key,
            log_retention_days=settings.log_retention_days,
            keeps_data=environment.keeps_data,
        )
        access = Access(
            environment=environment.names,
            use_case=own,
            partition=self.partition,
            key_arn=key.key_arn,
            base_model_id=use_case.settings.base_model,
            logs=use_case.settings.dataset.invocation_logs,
            slots_quota_code=settings.workflow.training_slots_quota_code,
        )
        layers = Layers(
            self,
            "Layers",
            root=root,
            prefix=own.base,
            architecture=settings.lambda_architecture,
            packages=settings.lambda_packages,
        )
        dead_letters = DeadLetters(self, "DeadLetters", queue_name=own.dead_letters, key=key).queue
        reward = RewardFunction(
            self,
            "RewardFunction",
            access=access,
            use_case_folder=use_case.folder,
            settings=use_case.settings.reward,
            stager=stager,
            layers=layers,
            defaults=defaults,
        )
        access = dataclasses.replace(access, reward_version_arn=reward.version.function_arn)
        if access.engine == "nova":
            job_role = JobRole(self, "JobRole", access=access).role
            access = dataclasses.replace(access, job_role_arn=job_role.role_arn)
        functions = WorkflowFunctions(
            self,
            "Functions",
            access=access,
            use_case_folder=use_case.folder,
            environment={
                "POWERTOOLS_LOG_LEVEL": "INFO",
                "RFT_ARTIFACTS_BUCKET": environment.names.artifacts_bucket,
                "RFT_DATASETS_BUCKET": environment.names.datasets_bucket,
                "RFT_DEPLOYMENT_PARAMETER": own.deployment_parameter,
                "RFT_ENVIRONMENT": environment.name,
                **({"RFT_JOB_ROLE_ARN": access.job_role_arn} if access.job_role_arn else {}),
                "RFT_KMS_KEY_ARN": access.key_arn,
                "RFT_REWARD_CODE_SHA256": reward.code_sha256,
                "RFT_REWARD_FUNCTION_ARN": access.reward_version_arn,
                "RFT_RUNS_TABLE": environment.names.runs_table,
                "RFT_SETTINGS_PARAMETER": own.settings_parameter,
                "RFT_TOPIC_ARN": access.topic_arn,
                "RFT_USE_CASE": use_case.name,
            },
            stager=stager,
            layers=layers,
            defaults=defaults,
            dead_letter_queue_arn=dead_letters.queue_arn,
        ).functions
        workflow = Workflow(
            self,
            "Workflow",
            root=root,
            access=access,
            function_arns={name: function.function_arn for name, function in functions.items()},
            defaults=defaults,
        )
        Triggers(
            self,
            "Triggers",
            access=access,
            pipeline=workflow.pipeline,
            on_job_event=functions["on_job_event"],
            after_abort=workflow.after_abort,
            adoption_seconds=settings.workflow.adoption_seconds,
            collect_logs=functions.get(COLLECT_LOGS),
            dead_letters=dead_letters,
        )
        ssm.StringParameter(
            self,
            "Settings",
            parameter_name=own.settings_parameter,
            string_value=use_case.run_settings(settings).model_dump_json(),
            description="Settings copied into each new run's record",
            tier=ssm.ParameterTier.INTELLIGENT_TIERING,
        )
        alarms = Alarms(
            self,
            "Alarms",
            summary=own.base,
            topic=sns.Topic.from_topic_arn(self, "Alerts", access.topic_arn),
            alerts=use_case_alerts(
                use_case=own,
                pipeline=workflow.pipeline,
                reward=reward.function,
                reward_timeout_seconds=reward.timeout_seconds,
                dead_letters=dead_letters,
                workflow=settings.workflow,
                max_reward_error_share=use_case.settings.watch.max_reward_error_share,
                publishes_entropy=use_case.settings.model.engine == "mantle",
            ),
        )
        Dashboard(
            self,
            "Dashboard",
            use_case=own,
            pipeline=workflow.pipeline,
            reward=reward.function,
            dead_letters=dead_letters,
            alarms=alarms,
        )
