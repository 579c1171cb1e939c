"""Gate: base against candidate on the held-out test set."""

from typing import Any

from rft.evaluation.gate import PROMOTE, judge
from rft.evaluation.parts import read_outcomes
from rft.evaluation.summary import paired_differences, slice_differences
from rft.names import TEST
from rft.runs.step import Event, Run, workflow_step


@workflow_step("Gate")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the decision and whether a person must agree to the promotion."""
    outcomes = list(read_outcomes(run.bucket, run.keys, TEST, run.record.attempt))
    differences = list(paired_differences(outcomes).values())
    verdict = judge(differences, slice_differences(outcomes), run.settings.gate, seed=run.id)
    run.set("gate", verdict)
    asks = run.record.settings.approvals.promotion
    return {"decision": verdict.decision, "needs_approval": asks and verdict.decision == PROMOTE}
