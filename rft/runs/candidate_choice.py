"""Chooses the model of a finished job that goes on to the gate, where the engine keeps checkpoints."""

from collections import defaultdict
from typing import Final

from rft import objects
from rft.engines.base import Checkpoint
from rft.errors import DeploymentFailed
from rft.evaluation.batch import Sampling, run_batch
from rft.evaluation.checkpoints import Choice, choose, prompts_each, thinned
from rft.evaluation.parts import read_records
from rft.evaluation.plan import plan
from rft.evaluation.scorers import deployed_scorer
from rft.names import VALIDATION
from rft.runs.record import CheckpointScore, Job
from rft.runs.step import Run

AT_ONCE: Final = 10  # questions: all of them must fit into one function's time limit


def choose_model(run: Run, job: Job) -> str:
    """The model id of the candidate: the job's final model, or an earlier one that is as good.

    The scores go to the record. Without checkpoints or a validation set the final model is the candidate, or the last
    checkpoint of a job that was stopped.

    Raises:
        DeploymentFailed: when the job left no model at all.
    """
    earlier = run.engine.checkpoints(job.arn) if run.engine.capabilities.checkpoints else []
    final = [Checkpoint(_last_step(run, job, earlier), job.model_arn)] if job.model_arn else []
    models = [*earlier, *final]
    if not models:
        raise DeploymentFailed("the finished job names no model; look at the job in the Bedrock console")
    if not earlier or VALIDATION not in run.record.prepared:
        return models[-1].model_id
    choice = _choice(run, thinned(models))
    scores = [
        CheckpointScore(
            step=score.step,
            model_id=score.model_id,
            mean=score.mean,
            standard_error=score.standard_error,
            chosen=score == choice.chosen,
        )
        for score in choice.scores
    ]
    run.set("checkpoints", [score.model_dump(mode="json") for score in scores])
    if choice.chosen.model_id != job.model_arn:
        run.store.note(run.id, _told(choice, is_stopped=job.model_arn is None))
    return choice.chosen.model_id


def _told(choice: Choice, *, is_stopped: bool) -> str:
    chosen, best, last = choice.chosen, choice.best, choice.scores[-1]
    overfitted = last.mean < best.mean - best.standard_error
    instead = "as the job was stopped" if is_stopped else f"instead of the last, after step {last.step}"
    return (
        f"the model after step {chosen.step} goes on {instead}: on the validation set it earns {chosen.mean:.3f}, "
        f"the one after step {last.step} {last.mean:.3f}; the best, after step {best.step}, "
        f"{best.mean:.3f} +/- {best.standard_error:.3f}; "
        + ("the last is worse by more than that error" if overfitted else "the last lies within that error")
    )


def _last_step(run: Run, job: Job, earlier: list[Checkpoint]) -> int:
    """The step of the final model: the last one told of, and after every checkpoint in any case."""
    told = [point.step for point in run.engine.metrics(job.arn)] if earlier else []
    return max([*told, *(checkpoint.step + 1 for checkpoint in earlier)], default=0)


def _choice(run: Run, candidates: list[Checkpoint]) -> Choice:
    key = run.keys.dataset(VALIDATION)
    prompts = plan(objects.lines(run.bucket, key), prompts_each(len(candidates)))
    limit = run.record.hyperparameters.get("inferenceMaxTokens")
    sampling = Sampling(
        1,
        run.settings.evaluation.temperature,
        int(limit) if limit is not None else None,
        run.record.attempt,
        AT_ONCE,
    )
    outcomes = run_batch(
        run.engine,
        read_records(run.bucket, key, prompts),
        {candidate.model_id: candidate.model_id for candidate in candidates},
        sampling,
        deployed_scorer(run.record.reward.function_arn),
    )
    answered = {outcome.index for outcome in outcomes} - {o.index for o in outcomes if o.reward is None}
    rewards: dict[str, list[float]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.index in answered and outcome.reward is not None:
            rewards[outcome.target].append(outcome.reward)
    return choose(candidates, rewards)
