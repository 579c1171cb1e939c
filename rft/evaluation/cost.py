"""What a run will cost, line by line, each with the assumption it rests on. USD; tokens are estimated from
characters because Nova's tokenizer is not public."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from rft.catalogue import CHARACTERS_PER_TOKEN
from rft.runs.record import Estimate, EstimateLine
from rft.settings import Prices, RunSettings

MILLION: Final = 1_000_000
# What Bedrock uses for a hyperparameter that is left out: AWS's own SDK template (aws/nova-forge-sdk).
DEFAULT_EPOCHS: Final = 1
DEFAULT_SAMPLES: Final = 8
DEFAULT_MAX_TOKENS: Final = 2048
DEFAULT_EVAL_INTERVAL: Final = 10
UNKNOWN_RESPONSE_SHARE: Final = 0.5  # of the token limit, when no probe measured the answers


@dataclass(frozen=True, slots=True)
class Sizes:
    """Prompts by purpose; mean prompt length in characters, mean answer length in tokens (or None)."""

    train: int
    validation: int
    test: int
    prompt_characters: float
    response_tokens: float | None


def estimate(settings: RunSettings, sizes: Sizes) -> Estimate:
    """Estimate one run: training, validation, evaluation of two targets, and reward invocations."""
    use_case, prices = settings.use_case, settings.prices
    parameters = use_case.hyperparameters
    epochs = parameters.epochCount or DEFAULT_EPOCHS
    samples = parameters.trainingSamplePerPrompt or DEFAULT_SAMPLES
    batch = parameters.batch_size
    steps = max(1, ceil(sizes.train / batch)) * epochs
    validations = steps // (parameters.evalInterval or DEFAULT_EVAL_INTERVAL) + 1 if sizes.validation else 0
    prompt_tokens = sizes.prompt_characters / CHARACTERS_PER_TOKEN
    limit = parameters.inferenceMaxTokens or DEFAULT_MAX_TOKENS
    if sizes.response_tokens is None:
        answer_tokens, how = limit * UNKNOWN_RESPONSE_SHARE, f"half of the limit of {limit}"
    else:
        answer_tokens, how = min(limit, sizes.response_tokens), "as the probe measured"
    rollouts = sizes.train * samples * epochs
    validation_rollouts = sizes.validation * validations
    trained_tokens = (rollouts + validation_rollouts) * (prompt_tokens + answer_tokens)
    asked = 2 * min(sizes.test, use_case.evaluation.max_prompts)
    lines = [
        EstimateLine(
            what="training",
            quantity=round(trained_tokens / MILLION, 3),
            unit="million tokens",
            usd=trained_tokens / MILLION * prices.training_per_million_tokens,
            assumption=(
                f"{sizes.train} prompts x {samples} samples x {epochs} epochs + {validation_rollouts} "
                f"validation rollouts, {prompt_tokens:.0f} prompt and {answer_tokens:.0f} answer tokens each "
                f"({how}); AWS publishes no price, the one in the environment's settings is used"
            ),
        ),
        _inference(asked, prompt_tokens, answer_tokens, prices),
        EstimateLine(
            what="reward function",
            quantity=float(rollouts + validation_rollouts + asked),
            unit="invocations",
            usd=(rollouts + validation_rollouts + asked) / MILLION * prices.reward_per_million_invocations,
            assumption="at most one invocation a rollout; Bedrock sends several at once",
        ),
    ]
    return Estimate(
        total_usd=round(sum(line.usd for line in lines), 4),
        rollouts=rollouts + validation_rollouts,
        budget_usd=settings.budget_usd_per_run,
        lines=lines,
    )


def _inference(asked: int, prompt_tokens: float, answer_tokens: float, prices: Prices) -> EstimateLine:
    usd = asked * (
        prompt_tokens * prices.inference_per_million_input_tokens
        + answer_tokens * prices.inference_per_million_output_tokens
    )
    return EstimateLine(
        what="evaluation",
        quantity=float(asked),
        unit="answers",
        usd=usd / MILLION,
        assumption="held-out prompts put to base and candidate, on demand, at the base model's price",
    )
