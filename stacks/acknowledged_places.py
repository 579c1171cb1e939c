"""Where findings of cdk-nag are accepted: resources of a stack by their paths, grouped by what they do."""

from typing import Final

from stacks.functions import FUNCTIONS

STEPS: Final = tuple(spec.name for spec in FUNCTIONS)
SYNCHRONOUS: Final = tuple(spec.name for spec in FUNCTIONS if not spec.asynchronous)
REWARD: Final = "RewardFunction/Reward"
REWARD_RESOURCE: Final = f"{REWARD}/Function/Resource"
EXECUTOR: Final = "RewardFunction/Executor/Executor"
EXECUTOR_RESOURCE: Final = f"{EXECUTOR}/Function/Resource"
STEP_RESOURCES: Final = tuple(f"Functions/{name}/Function/Resource" for name in STEPS)
SYNCHRONOUS_RESOURCES: Final = tuple(f"Functions/{name}/Function/Resource" for name in SYNCHRONOUS)
MACHINES: Final = (
    "Workflow/AfterAbortRole",
    "Workflow/EvaluationRole",
    "Workflow/PipelineRole",
    "Workflow/WatchRole",
)
READERS: Final = ("gate", "observe")
WRITERS: Final = (
    "assess_probe",
    "audit_reward",
    "evaluate_batch",
    "plan_evaluation",
    "record_run",
    "scan_chunk",
    "summarise_evaluation",
    "validate_dataset",
    "watch_training",
)
MANTLE: Final = (
    "await_job",
    "compensate",
    "deploy_candidate",
    "evaluate_batch",
    "launch_training",
    "observe",
    "watch_training",
)
JOBS: Final = ("await_job", "compensate", "launch_training", "watch_training")
MODELS: Final = ("compensate", "deploy_candidate", "launch_training", "promote")
DEPLOYMENTS: Final = (
    "check_deployment",
    "compensate",
    "deploy_candidate",
    "evaluate_batch",
    "observe",
    "promote",
)
