"""Whether training is worth its cost: the base model earns something and leaves something to learn."""

from rft.errors import EvaluationFailed, NotWorthTraining
from rft.evaluation.batch import BASE
from rft.runs.record import Evaluation, Probe
from rft.settings import Probe as ProbeSettings


def measure(evaluation: Evaluation) -> Probe:
    """What the probe says of the base model.

    Raises:
        EvaluationFailed: when the base model was not asked.
    """
    if BASE not in evaluation.mean_by_target:
        raise EvaluationFailed("the probe has no answers of the base model; submit the dataset again")
    return Probe(
        prompts=evaluation.prompts,
        samples=evaluation.samples,
        mean_reward=evaluation.mean_by_target[BASE],
        zero_share=evaluation.zero_share_by_target.get(BASE, 0.0),
        zero_signal_share=evaluation.zero_signal_share or 0.0,
    )


def assess(result: Probe, settings: ProbeSettings) -> None:
    """Judge the probe.

    Raises:
        NotWorthTraining: with the number, the limit and what to do.
    """
    told = f"the base model earns {result.mean_reward:.3f} on {result.prompts} prompts"
    if result.mean_reward < settings.min_mean_reward:
        raise NotWorthTraining(
            f"{told}, below probe.min_mean_reward {settings.min_mean_reward:g}: reinforcement has nothing to "
            "build on; tune the model with supervision first, or make the reward give partial credit"
        )
    if result.mean_reward > settings.max_mean_reward:
        raise NotWorthTraining(
            f"{told}, above probe.max_mean_reward {settings.max_mean_reward:g}: little is left to learn; "
            "use the base model, or choose harder prompts"
        )
