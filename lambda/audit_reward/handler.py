"""AuditReward: the deployed reward must tell good answers from worthless ones before anything is paid for."""

from pathlib import Path
from typing import Any, Final

from rft import objects
from rft.audit import report
from rft.audit.cases import read_records
from rft.audit.run import audit
from rft.audit.subject import Subject, wanted_records
from rft.aws import FunctionFailed
from rft.errors import RewardRejected
from rft.evaluation.scorers import deployed_scorer
from rft.names import TRAIN
from rft.rewards.loading import GOLDEN_FILE
from rft.runs.step import Event, Run, workflow_step

GOLDEN = Path(__file__).with_name(GOLDEN_FILE)
MAX_TOLD: Final = 3  # breaches in the message; the report has all of them


@workflow_step("AuditReward")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; store the report, put its hash and headline figures into the record, and return these."""
    settings, function_arn = run.settings, run.record.reward.function_arn
    lines = objects.lines(run.bucket, run.keys.dataset(TRAIN))
    subject = Subject.of(settings, read_records(lines, wanted_records(settings.reward)), GOLDEN)
    try:
        found = audit(
            subject,
            deployed_scorer(function_arn),
            prices=run.prices,
            function_arn=function_arn,
        )
    except FunctionFailed as error:
        raise RewardRejected(f"the reward function does not answer: {error}") from error
    key = run.keys.audit_report
    objects.put_bytes(run.bucket, key, report.to_bytes(found), "application/json")
    kept = report.summary(found, key)
    run.set("audit", kept)
    if not kept.passed:
        raise RewardRejected(
            f"{_told(found['breaches'])}; mend reward.py, the data or reward.audit in use_case.yaml, and check "
            f"with: rft reward audit {settings.name}; all of it: s3://{run.bucket}/{key}"
        )
    return kept.model_dump()


def _told(breaches: list[dict[str, str]]) -> str:
    more = f"; and {len(breaches) - MAX_TOLD} more" if len(breaches) > MAX_TOLD else ""
    return "; ".join(breach["told"] for breach in breaches[:MAX_TOLD]) + more
