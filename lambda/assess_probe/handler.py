"""AssessProbe: stops a run that has nothing to learn from, or nothing left to learn."""

from typing import Any

from rft.errors import EvaluationFailed
from rft.evaluation.probe import assess, measure
from rft.names import PROBE
from rft.runs.step import Event, Run, workflow_step


@workflow_step("AssessProbe")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the base model's mean reward and its share of zeros."""
    evaluation = run.record.evaluations.get(PROBE)
    if evaluation is None:
        raise EvaluationFailed("the probe has no summary; submit the dataset again")
    result = measure(evaluation)
    run.set("probe", result)
    assess(result, run.settings.probe)
    return {"mean_reward": result.mean_reward, "zero_share": result.zero_share}
