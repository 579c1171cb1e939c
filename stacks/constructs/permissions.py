"""What each workflow function may do, one entry a function; the smallest set that its code needs."""

from collections.abc import Callable, Mapping
from typing import Final

from aws_cdk import aws_iam as iam

from rft import names
from rft.log_source import DATASET_PREFIX
from rft.monitoring.deployment_alarms import INFERENCE
from stacks.constructs.access import Access
from stacks.constructs.mantle_permissions import MANTLE_PERMISSIONS
from stacks.functions import COLLECT_LOGS

Statements = list[iam.PolicyStatement]
JOB: Final = "model-customization-job"
MODEL: Final = "custom-model"
DEPLOYMENT: Final = "custom-model-deployment"
BASE_MODEL: Final = "base-model"


def _record(a: Access) -> Statements:
    """Every function reads its run and marks its step on the timeline."""
    return a.runs("GetItem", "UpdateItem")


def _register_run(a: Access) -> Statements:
    executions = a.arn("states", f"execution:{a.use_case.pipeline}:*")
    return [
        *a.runs("PutItem"),
        *a.read_dataset(),
        *a.parameter("GetParameter", name=a.use_case.settings_parameter),
        iam.PolicyStatement(actions=["states:DescribeExecution"], resources=[executions]),
    ]


def _evaluate_batch(a: Access) -> Statements:
    return [
        *a.write_artifacts(),
        *a.invoke_reward(),
        *a.bedrock("InvokeModel", on=(BASE_MODEL, DEPLOYMENT)),
        *a.use_model(),
    ]


def _launch_training(a: Access) -> Statements:
    return [
        *a.jobs("PutItem"),
        *a.bedrock("CreateModelCustomizationJob", on=(BASE_MODEL, MODEL, JOB)),
        *a.bedrock("TagResource", on=(MODEL, JOB)),
        *a.bedrock("GetModelCustomizationJob", on=(JOB,)),
        *a.pass_job_role(),
        *a.encrypt_model(),
    ]


def _watch_training(a: Access) -> Statements:
    return [
        *a.slot(),
        *a.bedrock("GetModelCustomizationJob", "StopModelCustomizationJob", on=(JOB,)),
        *a.publish(),
        *a.write_artifacts(),
        *a.list_artifacts(),
        *a.read_reward_log(),
    ]


def _deploy_candidate(a: Access) -> Statements:
    return [
        *a.bedrock("CreateCustomModelDeployment", "TagResource", on=(MODEL, DEPLOYMENT)),
        *a.bedrock("GetCustomModelDeployment", on=(DEPLOYMENT,)),
        *a.use_model(),
    ]


def _promote(a: Access) -> Statements:
    # Deleting is for a stable deployment whose creation failed: it never answered, and its name is needed.
    return [
        *_deploy_candidate(a),
        *a.bedrock("UpdateCustomModelDeployment", on=(MODEL, DEPLOYMENT)),
        *a.bedrock("DeleteCustomModelDeployment", on=(DEPLOYMENT,)),
    ]


def _observe(a: Access) -> Statements:
    return [
        *a.read_artifacts(),
        *a.bedrock("InvokeModel", on=(DEPLOYMENT,)),
        *a.use_model(),
        *a.invoke_reward(),
        *a.parameter("PutParameter", name=a.use_case.deployment_parameter),
        _put_alarms(a),
    ]


def _put_alarms(a: Access) -> iam.PolicyStatement:
    """The alarms on the stable deployment, whose ARN no template knows."""
    alarms = [a.arn("cloudwatch", f"alarm:{a.use_case.alarm(what)}") for what in INFERENCE]
    return iam.PolicyStatement(actions=["cloudwatch:PutMetricAlarm"], resources=alarms)


def _collect_logs(a: Access) -> Statements:
    keys = names.dataset_key(a.use_case.use_case, f"{DATASET_PREFIX}*", "*")
    return [
        *a.read_logs(),
        *a.write_objects(a.environment.datasets_bucket, keys),
        *a.parameter("GetParameter", name=a.use_case.settings_parameter),
    ]


def _compensate(a: Access) -> Statements:
    return [
        *a.list_runs(),
        *a.slot(),
        *a.bedrock("GetModelCustomizationJob", "StopModelCustomizationJob", on=(JOB,)),
        *a.bedrock("GetCustomModelDeployment", "DeleteCustomModelDeployment", on=(DEPLOYMENT,)),
        *a.bedrock("UpdateCustomModelDeployment", on=(MODEL, DEPLOYMENT)),
        *a.use_model(),
    ]


def _record_run(a: Access) -> Statements:
    return [
        *a.write_artifacts(),
        *a.list_artifacts(),
        *a.ledger(),
        *a.read_metrics(),
        *a.read_reward_log(),
    ]


_PERMISSIONS: Final[Mapping[str, Callable[[Access], Statements]]] = {
    "acquire_training_slot": lambda a: a.take_slot(),
    "assess_probe": lambda a: [*a.write_artifacts(), *a.list_artifacts()],
    "audit_reward": lambda a: [*a.write_artifacts(), *a.invoke_reward()],
    "await_job": lambda a: [*a.bedrock("GetModelCustomizationJob", on=(JOB,)), *a.complete_tasks()],
    COLLECT_LOGS: _collect_logs,
    "check_deployment": lambda a: a.bedrock("GetCustomModelDeployment", on=(DEPLOYMENT,)),
    "compensate": _compensate,
    "deploy_candidate": _deploy_candidate,
    "estimate_cost": lambda a: a.ledger(),
    "evaluate_batch": _evaluate_batch,
    "gate": lambda a: [*a.read_artifacts(), *a.list_artifacts()],
    "launch_training": _launch_training,
    "observe": _observe,
    "on_job_event": lambda a: [*a.jobs("GetItem"), *a.complete_tasks()],
    "plan_evaluation": lambda a: a.write_artifacts(),
    "promote": _promote,
    "record_approval": lambda a: [],
    "record_run": _record_run,
    "register_run": _register_run,
    "release_training_slot": lambda a: a.slot(),
    "request_approval": lambda a: a.publish(),
    "scan_chunk": lambda a: [*a.read_dataset(), *a.write_artifacts()],
    "summarise_evaluation": lambda a: [*a.write_artifacts(), *a.list_artifacts()],
    "validate_dataset": lambda a: [*a.read_dataset(), *a.write_artifacts()],
    "watch_training": _watch_training,
}


def statements_for(name: str, access: Access) -> Statements:
    """The statements of the workflow function `name`."""
    has_a_run = name != COLLECT_LOGS
    table = {**_PERMISSIONS, **MANTLE_PERMISSIONS} if access.engine == "mantle" else _PERMISSIONS
    return [*(_record(access) if has_a_run else []), *table[name](access)]
