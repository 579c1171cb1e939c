"""EvaluateBatch: puts one batch of prompts to every model of the phase and scores the answers."""

from typing import Any

from rft.errors import EvaluationFailed
from rft.evaluation.batch import BASE, CANDIDATE, Sampling, run_batch
from rft.evaluation.parts import read_records, write_part
from rft.evaluation.plan import parse_items
from rft.evaluation.scorers import deployed_scorer
from rft.names import PROBE
from rft.runs.step import Event, Run, workflow_step


@workflow_step(None)
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id, phase, items}`, the items being lines of the plan; return the number of prompts."""
    phase = event["phase"]
    prompts = parse_items(event["items"])
    records = read_records(run.bucket, run.keys.dataset(phase), prompts)
    outcomes = run_batch(
        run.engine,
        records,
        targets(run, phase),
        sampling(run, phase),
        deployed_scorer(run.record.reward.function_arn),
    )
    write_part(run.bucket, run.keys, phase, outcomes)
    return {"prompts": len(prompts)}


def targets(run: Run, phase: str) -> dict[str, str]:
    """The models of a phase by target: the base model, and the candidate on the test set."""
    if phase == PROBE:
        return {BASE: run.settings.base_model}
    if run.record.candidate is None:
        raise EvaluationFailed("the candidate is not deployed; nothing to compare the base model with")
    # The id, because the pattern of Converse has no room for this model's ARN (two suffixes after a colon).
    return {BASE: run.settings.base_model, CANDIDATE: run.record.candidate.arn}


def sampling(run: Run, phase: str) -> Sampling:
    """How a phase draws answers: as often and as varied as the probe asks, once for the test set."""
    limit, attempt = answer_limit(run), run.record.attempt
    at_once = run.settings.evaluation.at_once
    if phase == PROBE:
        probe = run.settings.probe
        return Sampling(
            probe.samples_per_prompt, probe.temperature, limit, attempt, at_once, probe.score_twice
        )
    return Sampling(1, run.settings.evaluation.temperature, limit, attempt, at_once)


def answer_limit(run: Run) -> int | None:
    """Tokens of an answer: as training has it once there is a plan, else what the use case sets."""
    limit = run.record.hyperparameters.get("inferenceMaxTokens")
    return int(limit) if limit is not None else None
