"""The environment's KMS key, and how the use-case stacks find it without a cross-stack reference."""

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from rft import names


class EncryptionKey(Construct):
    """A rotated key for data, logs, messages and custom models of one environment.

    Callers get their use of it by their own policies, which the key policy's first statement (the account's
    IAM) allows; only AWS services that have no role here are named in the key policy.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: names.EnvironmentNames, keeps_data: bool
    ) -> None:
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            alias=environment.key_alias,
            description=f"RFT pipeline, {environment.environment}: data, logs, messages, custom models",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.RETAIN if keeps_data else cdk.RemovalPolicy.DESTROY,
        )
        # EventBridge fills the dead-letter queues, alarms publish to the topic.
        same_account = {"StringEquals": {"aws:SourceAccount": environment.account}}
        for service in ("events", "cloudwatch"):
            self.key.add_to_resource_policy(
                iam.PolicyStatement(
                    sid=f"Allow{service.capitalize()}ToSendEncryptedMessages",
                    principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
                    actions=["kms:Decrypt", "kms:GenerateDataKey"],
                    resources=["*"],
                    conditions=same_account,
                )
            )
        logs_arn = f"arn:{cdk.Aws.PARTITION}:logs:{environment.region}:{environment.account}:log-group:*"
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AllowEncryptedLogGroups",
                principals=[iam.ServicePrincipal(f"logs.{environment.region}.amazonaws.com")],
                actions=[
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": logs_arn}},
            )
        )
        ssm.StringParameter(
            self,
            "KeyArn",
            parameter_name=environment.key_parameter,
            string_value=self.key.key_arn,
            description="Key of the environment; read by the stacks of its use cases",
        )


def environment_key(scope: Construct, construct_id: str, *, environment: names.EnvironmentNames) -> kms.IKey:
    """The environment's key inside a use-case stack; CloudFormation resolves its ARN when it deploys."""
    arn = ssm.StringParameter.value_for_string_parameter(scope, environment.key_parameter)
    return kms.Key.from_key_arn(scope, construct_id, arn)
