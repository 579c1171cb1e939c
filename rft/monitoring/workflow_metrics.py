"""Metrics that the workflow's functions report of a use case, and the one log line that carries them.

They have the dimensions [use_case, environment] only: two runs of a use case that train at once share them.
"""

import json
import sys
import time
from collections.abc import Mapping
from typing import Final

from rft.monitoring.metrics import ENVIRONMENT, NAMESPACE, USE_CASE

SLOT_WAIT_SECONDS: Final = "SlotWaitSeconds"
OPEN_APPROVALS: Final = "OpenApprovals"
SPENT_USD: Final = "SpentUsd"
BUDGET_SHARE: Final = "BudgetShare"
SILENT_SECONDS: Final = "SecondsWithoutSamples"
REWARD_DROP: Final = "TrainingRewardDrop"
VALIDATION_DROP: Final = "ValidationRewardDrop"
ZERO_SIGNAL_SHARE: Final = "TrainingZeroSignalShare"
SIGNAL_LOST: Final = "TrainingSignalLost"
REWARD_ERROR_SHARE: Final = "RewardErrorShare"
POLICY_ENTROPY: Final = "PolicyEntropy"
STABLE_REWARD: Final = "StableReward"

UNITS: Final[Mapping[str, str]] = {
    SLOT_WAIT_SECONDS: "Seconds",
    OPEN_APPROVALS: "Count",
    SPENT_USD: "None",
    BUDGET_SHARE: "None",
    SILENT_SECONDS: "Seconds",
    REWARD_DROP: "None",
    VALIDATION_DROP: "None",
    ZERO_SIGNAL_SHARE: "None",
    SIGNAL_LOST: "None",
    REWARD_ERROR_SHARE: "None",
    POLICY_ENTROPY: "None",
    STABLE_REWARD: "None",
}


def emf_line(
    values: Mapping[str, float | None], *, use_case: str, environment: str, timestamp_ms: int | None = None
) -> str:
    """One line of the embedded metric format with the values that are known; empty when none is."""
    from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

    known = {name: value for name, value in values.items() if value is not None}
    if not known:
        return ""
    provider = AmazonCloudWatchEMFProvider(namespace=NAMESPACE)
    for name, value in known.items():
        provider.add_metric(name=name, unit=UNITS[name], value=value)
    provider.timestamp = timestamp_ms if timestamp_ms is not None else int(time.time() * 1000)
    document = provider.serialize_metric_set(dimensions={USE_CASE: use_case, ENVIRONMENT: environment})
    return json.dumps(document, separators=(",", ":"))


def emit(values: Mapping[str, float | None], *, use_case: str, environment: str) -> None:
    """Print that line, which CloudWatch makes metrics of."""
    if line := emf_line(values, use_case=use_case, environment=environment):
        sys.stdout.write(f"{line}\n")
