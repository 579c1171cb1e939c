"""PlanEvaluation: lists the prompts of a phase for the Distributed Map, without their text."""

from typing import Any

from rft.evaluation.parts import write_plan
from rft.evaluation.plan import batch_size, tolerated_failures
from rft.names import PROBE
from rft.runs.step import Event, Run, workflow_step


@workflow_step({"probe": "ProbeBaseModel", "test": "Evaluate"})
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, phase}`; return where the plan is and how to fan out over it."""
    phase, evaluation = event["phase"], run.settings.evaluation
    probe = run.settings.probe
    limit, samples = (
        (probe.prompts, probe.samples_per_prompt) if phase == PROBE else (evaluation.max_prompts, 1)
    )
    write_plan(run.bucket, run.keys, phase, limit)
    return {
        "bucket": run.bucket,
        "key": run.keys.evaluation_plan(phase),
        "batch_size": batch_size(evaluation.batch_size, samples),
        "max_concurrency": run.record.settings.workflow.evaluation_concurrency,
        "tolerated_failure_percentage": tolerated_failures(run.settings, phase),
    }
