"""All functions of the workflow, one of each line in `stacks/functions.py`."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.access import Access
from stacks.constructs.code import CodeStager
from stacks.constructs.function_base import FunctionDefaults, LeastPrivilegeFunction
from stacks.constructs.layers import Layers
from stacks.constructs.permissions import statements_for
from stacks.functions import functions_of, layers_of


class WorkflowFunctions(Construct):
    """Functions by folder name, each with a role of its own."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        access: Access,
        use_case_folder: Path,
        environment: Mapping[str, str],
        stager: CodeStager,
        layers: Layers,
        defaults: FunctionDefaults,
        dead_letter_queue_arn: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.functions: dict[str, lambda_.Function] = {}
        for spec in functions_of(access.logs):
            statements = statements_for(spec.name, access)
            if spec.asynchronous:
                statements += access.queue_failed_events(dead_letter_queue_arn)
            made = LeastPrivilegeFunction(
                self,
                spec.name,
                defaults=defaults,
                function_name=access.use_case.function(spec.name),
                log_group_name=access.use_case.log_group(spec.name),
                description=f"Workflow step {spec.name} of the use case {access.use_case.use_case}",
                code_folder=stager.workflow_function(spec.name, use_case_folder),
                environment={**environment, "POWERTOOLS_SERVICE_NAME": spec.name},
                layers=[layers.get(name) for name in layers_of(spec, access.engine)],
                memory_mb=spec.memory_mb,
                timeout_seconds=spec.timeout_seconds,
                statements=statements,
                dead_letter_queue_arn=dead_letter_queue_arn if spec.asynchronous else None,
            )
            self.functions[spec.name] = made.function
