"""AssessProbe: measures the base model's answers, reports on them, and stops a run that would learn nothing."""

from typing import Any

from rft.errors import NotWorthTraining
from rft.probing.run_probe import assess
from rft.runs.step import Event, Run, workflow_step


@workflow_step("AssessProbe")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the verdict, the mean reward and the share of useful prompts."""
    probe = assess(run.record, run.bucket, run.keys)
    run.set("probe", probe)
    if probe.reasons:
        raise NotWorthTraining(f"{probe.verdict}: {'; '.join(probe.reasons)}; see {probe.page}")
    return {"verdict": probe.verdict, "mean_reward": probe.mean_reward, "useful_share": probe.useful.value}
