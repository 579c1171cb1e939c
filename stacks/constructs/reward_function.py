"""The use case's reward function, and the published version that a job keeps for its whole life."""

from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from rft import names
from rft.settings import Reward
from stacks.constructs.code import CodeStager, fingerprint
from stacks.constructs.function_base import FunctionDefaults, LeastPrivilegeFunction
from stacks.constructs.layers import Layers
from stacks.functions import REWARD, REWARD_LAYER


class RewardFunction(Construct):
    """Scores samples; may do nothing but write its logs, metrics and traces."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        use_case: names.UseCaseNames,
        use_case_folder: Path,
        settings: Reward,
        stager: CodeStager,
        layers: Layers,
        defaults: FunctionDefaults,
    ) -> None:
        super().__init__(scope, construct_id)
        code = stager.reward_code(use_case_folder)
        self.code_sha256 = fingerprint(code.folder)
        made = LeastPrivilegeFunction(
            self,
            "Reward",
            defaults=defaults,
            function_name=use_case.reward_function,
            log_group_name=use_case.log_group(REWARD),
            description=f"Reward of the use case {use_case.use_case}",
            code_folder=code.folder,
            environment={
                "POWERTOOLS_SERVICE_NAME": REWARD,
                "RFT_ENVIRONMENT": use_case.environment,
                "RFT_REWARD_FLOOR": f"{settings.floor:g}",
                "RFT_REWARD_TIMEOUT_SECONDS": str(settings.timeout_seconds),
                "RFT_USE_CASE": use_case.use_case,
            },
            layers=[layers.get(REWARD_LAYER)],
            memory_mb=settings.memory_mb,
            timeout_seconds=settings.timeout_seconds,
            reserved_concurrency=settings.reserved_concurrency,
        )
        self.function, self.timeout_seconds = made.function, made.timeout_seconds
        self.version: lambda_.Version = made.function.current_version
