"""AuditReward: references and golden answers must score as they should before anything is paid for."""

from pathlib import Path
from typing import Any

from rft import objects
from rft.evaluation.audit import audit, golden_cases, reference_cases
from rft.names import TRAIN
from rft.rewards.loading import GOLDEN_FILE
from rft.runs.step import Event, Run, workflow_step

GOLDEN = Path(__file__).with_name(GOLDEN_FILE)


@workflow_step("AuditReward")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return how many answers were checked and their mean reward."""
    references = reference_cases(objects.lines(run.bucket, run.keys.dataset(TRAIN)), run.settings.reward)
    result = audit(run.record.reward.function_arn, [*references, *golden_cases(GOLDEN)])
    run.set("audit", result)
    return result.model_dump()
