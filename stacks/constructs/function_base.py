"""What every function of the project has in common: own role, own encrypted log group, tracing, no more."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.constructs.code import fingerprint
from stacks.constructs.layers import architecture_of

RUNTIME: Final = lambda_.Runtime.PYTHON_3_14
HANDLER: Final = "handler.handler"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionDefaults:
    """What an environment decides for all of its functions."""

    architecture: Literal["arm64", "x86_64"]
    key: kms.IKey
    log_retention_days: int
    keeps_data: bool

    @property
    def removal(self) -> cdk.RemovalPolicy:
        return cdk.RemovalPolicy.RETAIN if self.keeps_data else cdk.RemovalPolicy.DESTROY

    def log_group(self, scope: Construct, construct_id: str, name: str) -> logs.LogGroup:
        """An encrypted log group with the environment's retention."""
        return logs.LogGroup(
            scope,
            construct_id,
            log_group_name=name,
            encryption_key=self.key,
            removal_policy=self.removal,
            retention=retention(self.log_retention_days),
        )


class LeastPrivilegeFunction(Construct):
    """A Python function whose role may write its own logs, traces if `traced`, and do what `statements` say."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        function_name: str,
        log_group_name: str,
        description: str,
        code_folder: Path,
        environment: Mapping[str, str],
        layers: Sequence[lambda_.ILayerVersion],
        memory_mb: int,
        timeout_seconds: int,
        statements: Iterable[iam.PolicyStatement] = (),
        reserved_concurrency: int | None = None,
        dead_letter_queue_arn: str | None = None,
        traced: bool = True,
    ) -> None:
        super().__init__(scope, construct_id)
        self.timeout_seconds = timeout_seconds
        self.log_group = defaults.log_group(self, "Logs", log_group_name)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"Role of the function {function_name}",
        )
        self.log_group.grant_write(self.role)
        for statement in statements:
            self.role.add_to_policy(statement)
        self.function = lambda_.Function(
            self,
            "Function",
            architecture=architecture_of(defaults.architecture),
            code=lambda_.Code.from_asset(str(code_folder), asset_hash=fingerprint(code_folder)),
            current_version_options=lambda_.VersionOptions(removal_policy=cdk.RemovalPolicy.RETAIN),
            description=description,
            environment=dict(environment),
            function_name=function_name,
            handler=HANDLER,
            layers=list(layers),
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.TEXT,
            memory_size=memory_mb,
            reserved_concurrent_executions=reserved_concurrency,
            role=self.role.without_policy_updates(),
            runtime=RUNTIME,
            timeout=cdk.Duration.seconds(timeout_seconds),
            tracing=lambda_.Tracing.ACTIVE if traced else lambda_.Tracing.DISABLED,
        )
        if traced:
            # X-Ray has no resource types (service authorization reference).
            actions = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
            self.role.add_to_policy(iam.PolicyStatement(actions=actions, resources=["*"]))
        policy = self.role.node.find_child("DefaultPolicy")
        self.function.node.add_dependency(policy)
        if dead_letter_queue_arn is not None:
            # On the L1: the L2 would also grant the key's use with wildcard actions.
            resource = self.function.node.default_child
            assert isinstance(resource, lambda_.CfnFunction)
            resource.dead_letter_config = lambda_.CfnFunction.DeadLetterConfigProperty(
                target_arn=dead_letter_queue_arn
            )


def retention(days: int) -> logs.RetentionDays:
    """The enum member for a number of days."""
    return RETENTION[days]


RETENTION: Final[Mapping[int, logs.RetentionDays]] = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    5: logs.RetentionDays.FIVE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    120: logs.RetentionDays.FOUR_MONTHS,
    150: logs.RetentionDays.FIVE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    400: logs.RetentionDays.THIRTEEN_MONTHS,
    545: logs.RetentionDays.EIGHTEEN_MONTHS,
    731: logs.RetentionDays.TWO_YEARS,
    1096: logs.RetentionDays.THREE_YEARS,
    1827: logs.RetentionDays.FIVE_YEARS,
    2192: logs.RetentionDays.SIX_YEARS,
    2557: logs.RetentionDays.SEVEN_YEARS,
    2922: logs.RetentionDays.EIGHT_YEARS,
    3288: logs.RetentionDays.NINE_YEARS,
    3653: logs.RetentionDays.TEN_YEARS,
}
