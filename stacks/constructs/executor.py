"""The function that runs model-written code for a reward: a role of its own that may write its log, no more."""

from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from rft.execution.engines import AGENTCORE
from rft.reward_settings import Executor
from stacks.constructs.access import Access
from stacks.constructs.code import CodeStager, fingerprint
from stacks.constructs.function_base import FunctionDefaults, LeastPrivilegeFunction
from stacks.constructs.layers import Layers
from stacks.functions import EXECUTOR, EXECUTOR_LAYER

_SESSIONS: Final = (
    "bedrock-agentcore:InvokeCodeInterpreter",
    "bedrock-agentcore:StartCodeInterpreterSession",
    "bedrock-agentcore:StopCodeInterpreterSession",
)


class ExecutorFunction(Construct):
    """Runs programs in the sandbox that `reward.executor.engine` names.

    Its environment holds the engine's name and nothing that is worth reading; it is not traced, so that its role
    needs no leave for that. Only the AgentCore engine may call anything: the managed interpreter's sessions.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        access: Access,
        settings: Executor,
        stager: CodeStager,
        layers: Layers,
        defaults: FunctionDefaults,
    ) -> None:
        super().__init__(scope, construct_id)
        folder = stager.executor_function()
        self.code_sha256 = fingerprint(folder, layers.pins(EXECUTOR_LAYER))
        self.name = access.use_case.executor_function
        made = LeastPrivilegeFunction(
            self,
            "Executor",
            defaults=defaults,
            function_name=self.name,
            log_group_name=access.use_case.log_group(EXECUTOR),
            description=f"Runs programs for the reward of the use case {access.use_case.use_case}",
            code_folder=stager.compiled(folder, layers.packages),
            environment={"RFT_ENGINE": settings.engine},
            layers=[layers.get(EXECUTOR_LAYER)],
            memory_mb=settings.memory_mb,
            timeout_seconds=settings.timeout_seconds,
            statements=_sessions(access) if settings.engine == AGENTCORE else (),
            reserved_concurrency=settings.reserved_concurrency,
            traced=False,
        )
        self.version: lambda_.Version = made.function.current_version


def _sessions(access: Access) -> list[iam.PolicyStatement]:
    interpreter = (
        f"arn:{access.partition}:bedrock-agentcore:{access.environment.region}:aws:code-interpreter/"
        "aws.codeinterpreter.v1"
    )
    return [iam.PolicyStatement(actions=list(_SESSIONS), resources=[interpreter])]
