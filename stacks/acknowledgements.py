"""Findings of cdk-nag that are accepted, each on named resources and with a reason.

A place is a resource's path within its stack, so it holds in every environment and use case. An entry that no
longer matches a finding fails the synthesis (`stacks/nag.py`), unless settings decide whether it occurs.
"""

import re
from dataclasses import dataclass
from typing import Final

from stacks.acknowledged_places import (
    DEPLOYMENTS,
    EXECUTOR,
    EXECUTOR_RESOURCE,
    JOBS,
    MACHINES,
    MANTLE,
    MODELS,
    READERS,
    REWARD,
    REWARD_RESOURCE,
    STEP_RESOURCES,
    STEPS,
    SYNCHRONOUS_RESOURCES,
    WRITERS,
)
from stacks.functions import COLLECT_LOGS

OPTIONAL: Final = (f"Functions/{COLLECT_LOGS}/", "JobRole/")  # begin the places that settings decide on


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """One reason for one kind of finding (a regular expression over its whole id) on some resources."""

    finding: str
    places: tuple[str, ...]
    reason: str
    may_be_absent: bool = False


def _policy(*roles: str) -> tuple[str, ...]:
    return tuple(f"{role}/DefaultPolicy/Resource" for role in roles)


def _functions(*names: str) -> tuple[str, ...]:
    return tuple(f"Functions/{name}/Role" for name in names)


def _wildcard(resource: str) -> str:
    """Id of the wildcard finding on a resource that matches the regular expression `resource`."""
    return rf"AwsSolutions-IAM5\[Resource::{resource}\]"


_ARN: Final = r"arn:aws:{}:[a-z0-9-]*:[0-9]*:{}"
ACKNOWLEDGEMENTS: Final = (
    # Permissions
    Acknowledged(
        finding=_wildcard(r"\*"),
        places=_policy(f"{REWARD}/Role", *_functions(*STEPS)),
        reason="X-Ray has no resource types, nor have CloudWatch's metrics and calls with a Bedrock API key",
    ),
    Acknowledged(
        finding=_wildcard(r"\*"),
        places=_policy(*MACHINES),
        reason="X-Ray and the log delivery of state machines have no resource types",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("s3", r"[a-z0-9-]+-artifacts-[a-z0-9-]+/[a-z0-9-]+/runs/\*")),
        places=_policy(*_functions(*READERS, *WRITERS)),
        reason="Run ids are not known when deploying; the prefix is this use case's runs only",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("s3", r"[a-z0-9-]+-datasets-[a-z0-9-]+/[a-z0-9-]+/\*")),
        places=_policy(*_functions("register_run", "scan_chunk", "validate_dataset")),
        reason="Dataset names are not known when deploying; the prefix is this use case's only",
    ),
    Acknowledged(
        finding=_wildcard(
            _ARN.format("s3", r"[a-z0-9-]+-artifacts-[a-z0-9-]+/[a-z0-9-]+/runs/\*/dataset/\*")
        ),
        places=_policy("JobRole/Role"),
        reason="Run ids are not known when deploying; jobs read prepared datasets of this use case only",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("s3", r"[a-z0-9-]+-artifacts-[a-z0-9-]+/[a-z0-9-]+/runs/\*/output/\*")),
        places=_policy("JobRole/Role"),
        reason="Bedrock names its output files; jobs write to the output prefix of this use case's runs only",
    ),
    Acknowledged(
        finding=_wildcard(
            _ARN.format("s3", r"[a-z0-9-]+-artifacts-[a-z0-9-]+/[a-z0-9-]+/runs/\*/evaluation/\*/plan\.jsonl")
        ),
        places=_policy("Workflow/EvaluationRole"),
        reason="Run ids are not known when deploying; the map reads evaluation plans only",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("s3", r"(?!rft-)[a-z0-9.-]+/[^*]+/\*")),
        places=_policy("JobRole/Role", *_functions(COLLECT_LOGS)),
        reason="Bedrock names the files of invocation logs; only the prefix that the use case names is read",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("s3", r"[a-z0-9-]+-datasets-[a-z0-9-]+/[a-z0-9-]+/logs-\*/\*\.jsonl")),
        places=_policy(*_functions(COLLECT_LOGS)),
        reason="Each time it runs it writes a dataset named after the time; of this use case, and of logs only",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("lambda", r"function:[a-z0-9-]+-reward:\*")),
        places=_policy("JobRole/Role", *_functions("audit_reward", "evaluate_batch", "observe")),
        reason="The star stands for the function's versions: a run keeps the one it began with",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("bedrock", r"model-customization-job/\*")),
        places=_policy(*_functions(*JOBS)),
        reason="Bedrock gives jobs random ids, so that their ARNs are not known when deploying",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("bedrock", r"custom-model/\*")),
        places=_policy(*_functions(*MODELS)),
        reason="Bedrock gives models random ids, so that their ARNs are not known when deploying",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("bedrock", r"custom-model-deployment/\*")),
        places=_policy(*_functions(*DEPLOYMENTS)),
        reason="Bedrock gives deployments random ids, so that their ARNs are not known when deploying",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("bedrock-mantle", r"project/\*")),
        places=_policy(*_functions(*MANTLE)),
        reason="Files, jobs and models have no resource types; Bedrock names the account's project",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("s3", r"[a-z0-9-]+-artifacts-[a-z0-9-]+/[a-z0-9-]+/runs/\*")),
        places=_policy(*_functions("deploy_candidate", "launch_training")),
        reason="Run ids are not known when deploying; the prefix is this use case's runs only",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("lambda", r"function:[a-z0-9-]+-reward:\*")),
        places=_policy(*_functions("deploy_candidate", "launch_training")),
        reason="The star stands for the function's versions; mantle calls the reward as who launched the job",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("states", r"execution:[a-z0-9-]+-pipeline:\*")),
        places=_policy(*_functions("register_run"), "Workflow/PipelineRole"),
        reason="Execution names are not known when deploying; executions of this use case's pipeline only",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("states", r"execution:rft-[a-z0-9-]+-\*-pipeline:\*")),
        places=_policy(*_functions("acquire_training_slot")),
        reason="Use cases share the training slots: a waiter asks whether the run that holds one is over",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("states", r"execution:[a-z0-9-]+-evaluation:\*")),
        places=_policy("Workflow/EvaluationRole", "Workflow/PipelineRole"),
        reason="Execution names are not known when deploying; executions of this use case's evaluation only",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("states", r"execution:[a-z0-9-]+-watch:\*")),
        places=_policy("Workflow/PipelineRole"),
        reason="Execution names are not known when deploying; watching executions of this use case only",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("states", r"execution:[a-z0-9-]+-(evaluation|pipeline)/\*")),
        places=_policy("Workflow/EvaluationRole", "Workflow/PipelineRole"),
        reason="Step Functions names the child executions of a Distributed Map",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("logs", r"log-group:/aws/lambda/[a-z0-9-]+-reward:\*")),
        places=_policy(*_functions("record_run", "watch_training")),
        reason="The star stands for the group's log streams, which Lambda names",
    ),
    Acknowledged(
        finding=re.escape("NIST.800.53.R5-IAMNoInlinePolicy"),
        places=_policy(
            f"{REWARD}/Role",
            "JobRole/Role",
            *_functions(*STEPS),
            *MACHINES,
            "StrayUploads/Role",
            "Workflow/AfterAbort/EventsRole",
            "Workflow/Pipeline/EventsRole",
        ),
        reason="A policy that belongs to one role and is deleted with it, so nobody else can attach it",
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("lambda", r"function:[a-z0-9-]+-executor:\*")),
        places=_policy(f"{REWARD}/Role"),
        reason="The star stands for the function's versions: a job keeps the one its reward began with",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=_wildcard(_ARN.format("bedrock", r"foundation-model/[a-z0-9.:-]+")),
        places=_policy(f"{REWARD}/Role"),
        reason="An inference profile sends the judge's calls to several regions; one model, through the profile",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=re.escape("NIST.800.53.R5-IAMNoInlinePolicy"),
        places=_policy(f"{EXECUTOR}/Role"),
        reason="A policy that belongs to one role and is deleted with it, so nobody else can attach it",
        may_be_absent=True,
    ),
    # Functions
    Acknowledged(
        finding=re.escape("NIST.800.53.R5-LambdaInsideVPC"),
        places=(EXECUTOR_RESOURCE,),
        reason="The sandbox has no network of its own; see docs/SECURITY.md for the subprocess engine",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=r"(NIST\.800\.53\.R5|Serverless)-LambdaDLQ",
        places=(EXECUTOR_RESOURCE,),
        reason="Invoked synchronously, so Lambda would never use the queue; the reward counts failures",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=re.escape("Serverless-LambdaTracing"),
        places=(EXECUTOR_RESOURCE,),
        reason="Runs model-written code: its role may write its log and nothing else, traces neither",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=re.escape("NIST.800.53.R5-LambdaConcurrency"),
        places=(EXECUTOR_RESOURCE,),
        reason="Set by the use case: reward.executor.reserved_concurrency",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=re.escape("NIST.800.53.R5-LambdaInsideVPC"),
        places=(REWARD_RESOURCE, *STEP_RESOURCES),
        reason="Calls AWS APIs only, with a role for each function; a VPC would add cost and no isolation",
    ),
    Acknowledged(
        finding=re.escape("NIST.800.53.R5-LambdaConcurrency"),
        places=STEP_RESOURCES,
        reason="The state machine limits concurrency; reserving it would starve the account's others",
    ),
    Acknowledged(
        finding=re.escape("NIST.800.53.R5-LambdaConcurrency"),
        places=(REWARD_RESOURCE,),
        reason="Set by the use case: reward.reserved_concurrency",
        may_be_absent=True,
    ),
    Acknowledged(
        finding=r"(NIST\.800\.53\.R5|Serverless)-LambdaDLQ",
        places=(REWARD_RESOURCE, *SYNCHRONOUS_RESOURCES),
        reason="Invoked synchronously, so Lambda would never use the queue; the caller handles failures",
    ),
    # Storage
    Acknowledged(
        finding=re.escape("NIST.800.53.R5-S3BucketReplicationEnabled"),
        places=("Buckets/AccessLogs/Resource", "Buckets/Artifacts/Resource", "Buckets/Datasets/Resource"),
        reason="Versioned, in one region as the models are; datasets can be uploaded and runs repeated",
    ),
    Acknowledged(
        finding=re.escape("NIST.800.53.R5-S3DefaultEncryptionKMS"),
        places=("Buckets/AccessLogs/Resource",),
        reason="S3 delivers access logs to buckets encrypted with SSE-S3 only",
    ),
    Acknowledged(
        finding=re.escape("NIST.800.53.R5-DynamoDBInBackupPlan"),
        places=("Runs/Table/Resource",),
        reason="Point-in-time recovery covers 35 days, and each run's manifest in S3 repeats its record",
    ),
    Acknowledged(
        finding=r"(AwsSolutions-SQS3|Serverless-SQSRedrivePolicy)",
        places=("DeadLetters/Queue/Resource",),
        reason="It is itself the dead-letter queue, with an alarm on its first message",
    ),
)
