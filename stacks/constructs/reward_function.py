"""The use case's reward function, and the published version that a job keeps for its whole life."""

from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from rft.reward_settings import Reward
from rft.rewards.executor import FUNCTION_VARIABLE
from rft.runs.reward_versions import ALIAS
from stacks.constructs.access import Access
from stacks.constructs.code import CodeStager, fingerprint
from stacks.constructs.executor import ExecutorFunction
from stacks.constructs.function_base import FunctionDefaults, LeastPrivilegeFunction
from stacks.constructs.layers import Layers
from stacks.constructs.reward_needs import layers_for, statements_for, variables_for
from stacks.functions import REWARD


class RewardFunction(Construct):
    """Scores samples; may write its logs, metrics and traces, ask its judge, call its executor, and no more."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        access: Access,
        use_case_folder: Path,
        settings: Reward,
        stager: CodeStager,
        layers: Layers,
        defaults: FunctionDefaults,
    ) -> None:
        super().__init__(scope, construct_id)
        use_case = access.use_case
        code = stager.reward_code(use_case_folder)
        asked = variables_for(code, settings, use_case.use_case)
        layer_names = layers_for(code, use_case.use_case)
        executor = None
        if code.runs_code:
            executor = ExecutorFunction(
                self,
                "Executor",
                access=access,
                settings=settings.executor,
                stager=stager,
                layers=layers,
                defaults=defaults,
            )
        # Another judge, sandbox or version of a package may score differently, so a run's id covers them.
        beside = [*asked.values(), *map(layers.pins, layer_names)]
        self.code_sha256 = fingerprint(code.folder, *beside, *([executor.code_sha256] if executor else []))
        made = LeastPrivilegeFunction(
            self,
            "Reward",
            defaults=defaults,
            function_name=use_case.reward_function,
            log_group_name=use_case.log_group(REWARD),
            description=f"Reward of the use case {use_case.use_case}",
            code_folder=stager.compiled(code.folder, layers.packages),
            environment={
                "POWERTOOLS_SERVICE_NAME": REWARD,
                "RFT_ENVIRONMENT": use_case.environment,
                "RFT_REWARD_CONCURRENCY": str(settings.concurrency),
                "RFT_REWARD_FLOOR": f"{settings.floor:g}",
                "RFT_REWARD_TIMEOUT_SECONDS": str(settings.timeout_seconds),
                "RFT_USE_CASE": use_case.use_case,
                **asked,
                **({FUNCTION_VARIABLE: executor.version.function_arn} if executor else {}),
            },
            layers=[layers.get(name) for name in layer_names],
            memory_mb=settings.memory_mb,
            timeout_seconds=settings.timeout_seconds,
            statements=statements_for(code, settings, access),
            reserved_concurrency=settings.reserved_concurrency,
        )
        self.function, self.timeout_seconds = made.function, made.timeout_seconds
        self.version: lambda_.Version = made.function.current_version
        published = self.version.node.default_child
        assert isinstance(published, lambda_.CfnVersion)
        published.description = f"reward code {self.code_sha256}"
        lambda_.Alias(
            self,
            "Live",
            alias_name=ALIAS,
            version=self.version,
            description="What the next run uses; a run keeps the version it began with",
        )
