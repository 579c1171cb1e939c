"""The state machines, from `stepfunctions/*.asl.json`."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from rft import names
from rft.errors import SettingsError
from stacks.constructs.access import Access
from stacks.constructs.function_base import FunctionDefaults

ASL_FOLDER: Final = "stepfunctions"
PIPELINE_FILE: Final = "rft_pipeline.asl.json"
EVALUATION_FILE: Final = "evaluate_model.asl.json"
WATCH_FILE: Final = "watch_job.asl.json"
AFTER_ABORT_FILE: Final = "after_abort.asl.json"
PLACEHOLDER: Final = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
# The rule by which Step Functions learns that a nested execution ended (guide, "Nested executions").
NESTED_EXECUTIONS_RULE: Final = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"


class Workflow(Construct):
    """The pipeline, its child that evaluates models in a Distributed Map, and what cleans up after an abort."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        root: Path,
        access: Access,
        function_arns: Mapping[str, str],
        defaults: FunctionDefaults,
    ) -> None:
        super().__init__(scope, construct_id)
        self._defaults = defaults
        values = {f"{name}_arn": arn for name, arn in function_arns.items()} | {
            "artifacts_bucket": access.environment.artifacts_bucket,
            "evaluation_arn": access.evaluation_arn,
            "watch_arn": access.watch_arn,
            "topic_arn": access.topic_arn,
            "use_case": access.use_case.use_case,
        }
        folder = root / ASL_FOLDER
        self.evaluation = self._machine(
            "Evaluation",
            access.use_case.evaluation,
            folder / EVALUATION_FILE,
            values,
            _evaluation_statements(access),
        )
        self.watch = self._machine("Watch", access.use_case.watch, folder / WATCH_FILE, values, [])
        self.pipeline = self._machine(
            "Pipeline", access.use_case.pipeline, folder / PIPELINE_FILE, values, _pipeline_statements(access)
        )
        self.after_abort = self._machine(
            "AfterAbort", access.use_case.after_abort, folder / AFTER_ABORT_FILE, values, access.publish()
        )

    def _machine(
        self,
        construct_id: str,
        name: str,
        path: Path,
        values: Mapping[str, str],
        statements: Iterable[iam.PolicyStatement],
    ) -> sfn.StateMachine:
        text = path.read_text(encoding="utf-8")
        used = substitutions(text, values, path.name)
        role = iam.Role(
            self,
            f"{construct_id}Role",
            assumed_by=iam.ServicePrincipal("states.amazonaws.com"),
            description=f"Role of the state machine {name}",
        )
        functions = [arn for key, arn in used.items() if key.endswith("_arn") and ":states:" not in arn]
        functions = [arn for arn in functions if arn != values["topic_arn"]]
        role.add_to_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=functions))
        for statement in statements:
            role.add_to_policy(statement)
        machine = sfn.StateMachine(
            self,
            construct_id,
            state_machine_name=name,
            definition_body=sfn.DefinitionBody.from_string(
                json.dumps(json.loads(text), separators=(",", ":"))
            ),
            definition_substitutions=used,
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                # A name under /aws/vendedlogs keeps the log resource policy below its size limit.
                destination=self._defaults.log_group(
                    self, f"{construct_id}Logs", f"/aws/vendedlogs/states/{name}"
                ),
                include_execution_data=False,
                level=sfn.LogLevel.ALL,
            ),
        )
        machine.apply_removal_policy(self._defaults.removal)
        return machine


def substitutions(text: str, values: Mapping[str, str], file_name: str) -> dict[str, str]:
    """The values that a definition's placeholders ask for.

    Raises:
        SettingsError: for a placeholder without a value.
    """
    wanted = sorted(set(PLACEHOLDER.findall(text)))
    unknown = [name for name in wanted if name not in values]
    if unknown:
        allowed = ", ".join(sorted(values))
        raise SettingsError(
            f"{ASL_FOLDER}/{file_name}: unknown placeholder ${{{unknown[0]}}}; allowed: {allowed}"
        )
    return {name: values[name] for name in wanted}


def _pipeline_statements(access: Access) -> list[iam.PolicyStatement]:
    """Start, follow and stop the child machines, and its own children of a Distributed Map; tell people."""
    pipeline, children = access.use_case.pipeline, (access.use_case.evaluation, access.use_case.watch)
    followed = (
        *(f"execution:{child}:*" for child in children),
        f"execution:{pipeline}:*",
        f"execution:{pipeline}/*",
    )
    return [
        iam.PolicyStatement(
            actions=["states:StartExecution"],
            resources=[access.evaluation_arn, access.watch_arn, access.pipeline_arn],
        ),
        iam.PolicyStatement(
            actions=["states:DescribeExecution", "states:StopExecution"],
            resources=[access.arn("states", resource) for resource in followed],
        ),
        iam.PolicyStatement(
            actions=["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            resources=[access.arn("events", NESTED_EXECUTIONS_RULE)],
        ),
        *access.publish(),
    ]


def _evaluation_statements(access: Access) -> list[iam.PolicyStatement]:
    """A Distributed Map reads its plan and runs child executions of its own machine."""
    name = access.use_case.evaluation
    plans = names.RunKeys(access.use_case.use_case, "*").evaluation_plan("*")
    return [
        iam.PolicyStatement(actions=["states:StartExecution"], resources=[access.evaluation_arn]),
        iam.PolicyStatement(
            actions=["states:DescribeExecution", "states:StopExecution"],
            resources=[
                access.arn("states", f"execution:{name}:*"),
                access.arn("states", f"execution:{name}/*"),
            ],
        ),
        *access.read_objects(access.environment.artifacts_bucket, plans),
    ]
