"""What a finished run must not leave behind: a lock, a job, a deployment, an execution."""

from collections.abc import Sequence

from rehearsal.localaws.cloud import LocalAws
from rft.engines.mantle import PAGE
from rft.engines.mantle_client import calling
from rft.engines.mantle_jobs import job_state
from rft.names import EnvironmentNames, UseCaseNames
from rft.runs.items import from_item
from rft.runs.slot_queue import SlotQueue
from rft.runs.slots import SORT_KEY


def find(local: LocalAws, names: EnvironmentNames, use_cases: Sequence[str]) -> list[str]:
    """One line for everything that is left behind; empty when nothing is."""
    return [
        *_slot(local, names),
        *_jobs(local),
        *_open_weight_jobs(),
        *_deployments(local, names, use_cases),
        *_executions(local, names, use_cases),
    ]


def _slot(local: LocalAws, names: EnvironmentNames) -> list[str]:
    key = {"pk": {"S": names.training_slot}, "sk": {"S": SORT_KEY}}
    answer = local.client("dynamodb").get_item(TableName=names.runs_table, Key=key, ConsistentRead=True)
    queue = SlotQueue.model_validate(from_item(answer.get("Item", {})))
    found = [f"a training slot is held by {lease.owner}" for lease in queue.holders]
    return found + [f"{waiter.owner} waits for a training slot" for waiter in queue.waiters]


def _jobs(local: LocalAws) -> list[str]:
    jobs = local.client("bedrock").list_model_customization_jobs()["modelCustomizationJobSummaries"]
    return [
        f"job {job['jobName']} is {job['status']}"
        for job in jobs
        if job["status"] in ("InProgress", "Stopping")
    ]


def _open_weight_jobs() -> list[str]:
    with calling("ListFineTuningJobs") as openai:
        states = [job_state(job) for job in openai.fine_tuning.jobs.list(limit=PAGE)]
    return [f"job {state.arn} is {state.status}" for state in states if not state.is_over]


def _deployments(local: LocalAws, names: EnvironmentNames, use_cases: Sequence[str]) -> list[str]:
    stable = {UseCaseNames(names.environment, use_case).stable_deployment for use_case in use_cases}
    found = local.client("bedrock").list_custom_model_deployments()["modelDeploymentSummaries"]
    present = [item["customModelDeploymentName"] for item in found]
    return [f"deployment {name} is still there" for name in present if name not in stable]


def _executions(local: LocalAws, names: EnvironmentNames, use_cases: Sequence[str]) -> list[str]:
    client = local.client("stepfunctions")
    found = []
    for use_case in use_cases:
        machine = UseCaseNames(names.environment, use_case).pipeline
        arn = f"arn:aws:states:{names.region}:{names.account}:stateMachine:{machine}"
        running = client.list_executions(stateMachineArn=arn, statusFilter="RUNNING")["executions"]
        found += [f"execution {execution['name']} is still running" for execution in running]
    return found
