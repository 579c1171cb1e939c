"""SummariseEvaluation: gathers the parts of a phase into its summary."""

from typing import Any

from rft import objects
from rft.evaluation.parts import read_outcomes, read_planned
from rft.evaluation.plan import tolerated_failures
from rft.evaluation.summary import summarise
from rft.runs.step import Event, Run, workflow_step


@workflow_step(None)
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, phase}`; return the number of prompts and the mean reward by target."""
    phase = event["phase"]
    planned = {prompt.index for prompt in read_planned(run.bucket, run.keys, phase)}
    outcomes = read_outcomes(run.bucket, run.keys, phase, run.record.attempt)
    summary = summarise(
        phase,
        [outcome for outcome in outcomes if outcome.index in planned],
        planned=len(planned),
        tolerated_failure_percentage=tolerated_failures(run.settings, phase),
        key=run.keys.evaluation_summary(phase),
    )
    objects.put_json(run.bucket, summary.key, summary.model_dump(mode="json"))
    run.set(("evaluations", phase), summary)
    return {"phase": phase, "prompts": summary.prompts, "mean_by_target": summary.mean_by_target}
