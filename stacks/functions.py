"""The workflow's functions: size, time limit and layers of each folder `lambda/<name>/`.

The state machine gives a function's task 30 seconds more than the function itself has, so that Lambda and not
the task reports a function that runs out of time.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rft import catalogue
from rft.catalogue import EngineName
from rft.errors import SettingsError
from rft.log_source import InvocationLogs

REWARD: Final = "reward"
EXECUTOR: Final = "executor"
COLLECT_LOGS: Final = "collect_logs"  # only where invocation logs have a schedule
LAMBDA_FOLDER: Final = "lambda"
HANDLER_FILE: Final = "handler.py"
SHORT_SECONDS: Final = 300
LONG_SECONDS: Final = catalogue.LAMBDA_MAX_TIMEOUT_SECONDS

WORKFLOW_LAYER: Final = "workflow"
BEDROCK_LAYER: Final = "bedrock"
MANTLE_LAYER: Final = "bedrock-mantle"  # in the place of `bedrock` for use cases of the engine mantle
REWARD_LAYER: Final = "reward"
EXECUTOR_LAYER: Final = "executor"
DATASETS_LAYER: Final = "datasets"
CHARTS_LAYER: Final = "charts"


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """One workflow function; `asynchronous` ones are called by events and keep failed events in a queue."""

    name: str
    timeout_seconds: int = SHORT_SECONDS
    memory_mb: int = 512
    layers: tuple[str, ...] = (WORKFLOW_LAYER,)
    asynchronous: bool = False


_BEDROCK: Final = (WORKFLOW_LAYER, BEDROCK_LAYER)
_DATASETS: Final = (WORKFLOW_LAYER, DATASETS_LAYER)

FUNCTIONS: Final = tuple(
    sorted(
        (
            FunctionSpec(COLLECT_LOGS, LONG_SECONDS, 2048, _DATASETS, asynchronous=True),
            FunctionSpec("register_run", LONG_SECONDS, 1024),
            FunctionSpec("validate_dataset", LONG_SECONDS, 2048, _DATASETS),
            FunctionSpec("scan_chunk", LONG_SECONDS, 2048, _DATASETS),
            FunctionSpec("audit_reward", LONG_SECONDS, 1024),
            FunctionSpec("plan_evaluation", SHORT_SECONDS, 1024),
            FunctionSpec("evaluate_batch", LONG_SECONDS, 1024, _BEDROCK),
            FunctionSpec("summarise_evaluation", LONG_SECONDS, 2048),
            FunctionSpec("assess_probe", LONG_SECONDS, 1024),
            FunctionSpec("estimate_cost"),
            FunctionSpec("request_approval"),
            FunctionSpec("record_approval"),
            FunctionSpec("acquire_training_slot"),
            FunctionSpec("launch_training", layers=_BEDROCK),
            FunctionSpec("await_job", layers=_BEDROCK),
            FunctionSpec("on_job_event", layers=_BEDROCK, asynchronous=True),
            FunctionSpec("watch_training", layers=_BEDROCK),
            FunctionSpec("release_training_slot"),
            FunctionSpec("deploy_candidate", LONG_SECONDS, 1024, _BEDROCK),
            FunctionSpec("check_deployment", layers=_BEDROCK),
            FunctionSpec("gate"),
            FunctionSpec("promote", layers=_BEDROCK),
            FunctionSpec("observe", LONG_SECONDS, 1024, _BEDROCK),
            FunctionSpec("compensate", layers=_BEDROCK),
            FunctionSpec("record_run", SHORT_SECONDS, 1024, (WORKFLOW_LAYER, CHARTS_LAYER)),
        ),
        key=lambda spec: spec.name,
    )
)


def functions_of(logs: InvocationLogs | None) -> tuple[FunctionSpec, ...]:
    """The functions of a use case that trains on `logs`, or on none."""
    scheduled = logs is not None and logs.schedule is not None
    return tuple(spec for spec in FUNCTIONS if scheduled or spec.name != COLLECT_LOGS)


def layers_of(spec: FunctionSpec, engine: EngineName) -> tuple[str, ...]:
    """The layers of a function in a use case whose model an engine trains."""
    if engine == "mantle":
        return tuple(MANTLE_LAYER if layer == BEDROCK_LAYER else layer for layer in spec.layers)
    return spec.layers


def check_folders(root: Path) -> None:
    """Compare the table with the folders below `lambda/`.

    Raises:
        SettingsError: for a function without a folder, or a folder without a line in the table.
    """
    known = {spec.name for spec in FUNCTIONS} | {REWARD, EXECUTOR}
    found = {path.parent.name for path in (root / LAMBDA_FOLDER).glob(f"*/{HANDLER_FILE}")}
    for name in sorted(known ^ found):
        fix = "add its folder" if name in known else "add it to FUNCTIONS in stacks/functions.py or remove it"
        problem = "is missing" if name in known else "belongs to no function"
        raise SettingsError(f"{LAMBDA_FOLDER}/{name}/{HANDLER_FILE}: {problem}; {fix}")
