"""What is unusual in a run's hyperparameters and data, in words; nothing here stops a run."""

from collections.abc import Mapping
from typing import Protocol

from rft.runs.record import TokenSpread

FEW_RECORDS = 200
FEWEST_EPOCHS, MOST_EPOCHS = 3, 12
LOWEST_RATE, HIGHEST_RATE = 1e-4, 1e-3
FEWEST_STEPS = 4
MOST_VALIDATION = 0.5  # rollouts of validation over those of training; ours


class Facts(Protocol):
    """Of a dataset and a probe; see `rft.planning.presets.Facts`."""

    @property
    def train(self) -> int: ...
    @property
    def validation(self) -> int: ...
    @property
    def too_long(self) -> int: ...
    @property
    def answers(self) -> TokenSpread | None: ...


def of(values: Mapping[str, int | float | str], facts: Facts) -> list[str]:
    """The warnings for hyperparameters by the API's names, each with the value, the limit and the fix."""
    return [*_of_data(values, facts), *_of_schedule(values, facts), *_of_answers(values, facts)]


def _of_data(values: Mapping[str, int | float | str], facts: Facts) -> list[str]:
    found = []
    if facts.train < FEW_RECORDS:
        found.append(
            f"{facts.train:,} training records: enough for a first experiment; most tasks need {FEW_RECORDS} to 5,000"
        )
    if not facts.validation:
        found.append(
            "no validation set: Bedrock cannot stop early, and overfitting stays unseen; upload validation.jsonl"
        )
    if facts.too_long:
        verb = "is" if facts.too_long == 1 else "are"
        found.append(
            f"{facts.too_long:,} of {facts.train:,} prompts {verb} longer than maxPromptLength "
            f"{values.get('maxPromptLength')} by estimate; Bedrock drops them silently: raise it or shorten them"
        )
    return found


def _of_schedule(values: Mapping[str, int | float | str], facts: Facts) -> list[str]:
    found = []
    epochs, batch = int(values.get("epochCount", 0)), int(values.get("batchSize", 1))
    rate = float(values.get("learningRate", LOWEST_RATE))
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        found.append(
            f"learningRate {rate:g} is outside of 1e-4 to 1e-3, where adapters of rank 32 learn best; lower it "
            "only when the reward oscillates or collapses"
        )
    if not FEWEST_EPOCHS <= epochs <= MOST_EPOCHS:
        found.append(
            f"epochCount {epochs} is outside of {FEWEST_EPOCHS} to {MOST_EPOCHS}: "
            + (
                "too few to learn from"
                if epochs < FEWEST_EPOCHS
                else "likely to overfit, and cost is linear in it"
            )
        )
    if facts.train < FEWEST_STEPS * batch:
        found.append(
            f"batchSize {batch} makes {facts.train / batch:.1f} steps an epoch of {facts.train:,} records; "
            f"fewer than {FEWEST_STEPS} learn little: lower it (16 is the least) or add records"
        )
    share = _validation_share(values, facts)
    if share > MOST_VALIDATION:
        found.append(
            f"validation makes {share:.1f} times as many rollouts as training, every {values.get('evalInterval')} "
            "steps: raise evalInterval or batchSize, or make the validation set smaller"
        )
    return found


def _validation_share(values: Mapping[str, int | float | str], facts: Facts) -> float:
    """Validation rollouts of a run over its training rollouts."""
    names = ("epochCount", "batchSize", "evalInterval", "trainingSamplePerPrompt")
    epochs, batch, interval, samples = (max(1, int(values.get(name, 0))) for name in names)
    steps = max(1, facts.train // batch) * epochs
    return facts.validation * (steps // interval + 1) / max(1, facts.train * epochs * samples)


def _of_answers(values: Mapping[str, int | float | str], facts: Facts) -> list[str]:
    found = []
    limit = int(values.get("inferenceMaxTokens", 0))
    if facts.answers is not None and limit and facts.answers.longest >= limit:
        found.append(
            f"inferenceMaxTokens {limit:,} cuts answers off: the longest in the probe has "
            f"{facts.answers.longest:,.0f} tokens; raise it, as a cut answer earns nothing"
        )
    if values.get("reasoningEffort") == "medium":
        found.append(
            "reasoningEffort medium: the API accepts it, another AWS page says that RFT has no medium; use low or high"
        )
    return found
