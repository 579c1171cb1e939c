"""Observe: held-out prompts put to the stable deployment; only then is it announced as the model to use."""

from statistics import fmean
from typing import Any

from rft import aws, objects
from rft.errors import SmokeTestFailed
from rft.evaluation.batch import Sampling, run_batch
from rft.evaluation.parts import read_records
from rft.evaluation.plan import plan
from rft.evaluation.scorers import deployed_scorer
from rft.monitoring import deployment_alarms
from rft.monitoring.workflow_metrics import STABLE_REWARD
from rft.names import TEST
from rft.runs.step import Event, Run, logger, workflow_step

STABLE = "stable"


@workflow_step("Observe")
def handler(run: Run, event: Event) -> dict[str, Any]:
    """Take `{run_id}`; return the mean reward of the stable deployment, None when another run's model is there now."""
    stable, settings = run.record.stable, run.settings.smoke_test
    if stable is None:
        raise SmokeTestFailed("the run has promoted nothing; submit the dataset again")
    if stable.superseded:
        return {"mean_reward": None}
    key = run.keys.dataset(TEST)
    prompts = plan(objects.lines(run.bucket, key), settings.prompts)
    limit = run.settings.hyperparameters.inferenceMaxTokens
    sampling = Sampling(1, run.settings.evaluation.temperature, limit, run.record.attempt)
    records = read_records(run.bucket, key, prompts)
    outcomes = run_batch(
        run.engine, records, {STABLE: stable.arn}, sampling, deployed_scorer(run.record.reward.function_arn)
    )
    silent = [outcome for outcome in outcomes if outcome.reward is None]
    if silent:
        raise SmokeTestFailed(
            f"{stable.name} did not answer {len(silent)} of {len(outcomes)}: {silent[0].error}"
        )
    mean = fmean(outcome.reward or 0.0 for outcome in outcomes)
    run.set("smoke_reward", mean)
    run.emit({STABLE_REWARD: mean})
    if mean < settings.min_mean_reward:
        raise SmokeTestFailed(
            f"{stable.name} earns {mean:.3f} on {len(outcomes)} test prompts; smoke_test.min_mean_reward: "
            f"{settings.min_mean_reward:g}"
        )
    aws.put_parameter(run.config.deployment_parameter, stable.arn)
    run.set(("stable", "observed"), True)
    watch_inference(run, stable.arn)
    return {"mean_reward": mean}


def watch_inference(run: Run, deployment_arn: str) -> None:
    """Put the alarms on the deployment; a promotion does not fail for want of them.

    A model that is served without a deployment has no metrics of that kind.
    """
    if not run.engine.capabilities.needs_deployment:
        return
    try:
        deployment_alarms.put_alarms(run.config.names, deployment_arn, run.config.topic_arn)
    except Exception as error:  # noqa: BLE001 (whatever goes wrong is noted on the record)
        logger().exception("no alarms on the deployment", run_id=run.id)
        run.store.note(run.id, f"no alarms watch {deployment_arn}: {type(error).__name__}: {error}")
