"""What the functions that call Bedrock may do in use cases of the engine mantle, in the place of `permissions.py`.

Events and checkpoints have no actions of their own; they belong to the job (service authorization reference,
`bedrock-mantle`). Jobs have no role: Bedrock calls the reward as the function that launched the job.
"""

from collections.abc import Callable, Mapping
from typing import Final

from aws_cdk import aws_iam as iam

from stacks.constructs.access import Access

Statements = list[iam.PolicyStatement]


def _launch_training(a: Access) -> Statements:
    return [
        *a.jobs("PutItem"),
        *a.read_artifacts(),
        *a.mantle("CreateFile", "ListFiles", "CreateFineTuningJob", "ListFineTuningJobs"),
        *a.invoke_reward(),
    ]


def _watch_training(a: Access) -> Statements:
    return [
        *a.slot(),
        *a.mantle("GetFineTuningJob", "CancelFineTuningJob"),
        *a.publish(),
        *a.write_artifacts(),
        *a.list_artifacts(),
        *a.read_reward_log(),
    ]


def _deploy_candidate(a: Access) -> Statements:
    # Nothing is deployed: the job's checkpoints are scored on the validation set.
    return [*a.read_artifacts(), *a.mantle("GetFineTuningJob", "CreateInference"), *a.invoke_reward()]


def _observe(a: Access) -> Statements:
    return [
        *a.read_artifacts(),
        *a.mantle("CreateInference"),
        *a.invoke_reward(),
        *a.parameter("PutParameter", name=a.use_case.deployment_parameter),
    ]


def _compensate(a: Access) -> Statements:
    actions = ("GetFineTuningJob", "ListFineTuningJobs", "ListFiles", "CancelFineTuningJob")
    return [*a.list_runs(), *a.slot(), *a.mantle(*actions)]


MANTLE_PERMISSIONS: Final[Mapping[str, Callable[[Access], Statements]]] = {
    "await_job": lambda a: [*a.mantle("GetFineTuningJob"), *a.complete_tasks()],
    "check_deployment": lambda a: [],
    "compensate": _compensate,
    "deploy_candidate": _deploy_candidate,
    "evaluate_batch": lambda a: [*a.write_artifacts(), *a.mantle("CreateInference"), *a.invoke_reward()],
    "launch_training": _launch_training,
    "observe": _observe,
    "promote": lambda a: a.parameter("GetParameter", name=a.use_case.deployment_parameter),
    "watch_training": _watch_training,
}
