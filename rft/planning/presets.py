"""Hyperparameters that a use case leaves out, each with its value and reason, and warnings on all of them.

Sources: [bp] AWS's best practices for reinforcement fine-tuning on Bedrock (2026-04-08) gives ranges; where it gives
no threshold, the number is ours and said to be.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from rft.catalogue import CHARACTERS_PER_TOKEN, HYPERPARAMETER_RANGES, SETTABLE
from rft.planning import cautions
from rft.planning.lengths import LONGEST_KEPT_TOKENS
from rft.runs.cost_parts import Plan, PlannedValue
from rft.runs.record import TokenSpread
from rft.settings import UseCaseSettings

BATCH: Final = 128
SMALLEST_BATCH: Final = 16
STEPS_AN_EPOCH: Final = 4  # ours: fewer updates an epoch learn little
LEARNING_RATE: Final = 1e-4
# Ours within [bp]'s "6 to 12 for small sets, 3 to 6 for large": records from which on, epochs.
EPOCHS: Final = ((5000, 3), (2000, 4), (500, 6), (0, 8))
SAMPLES: Final = 8
ANSWER_TOKENS: Final = MappingProxyType({"simple": 1024, "long": 4096})
ANSWER_MARGIN: Final = 1.25  # answers may grow in training, and prompts are measured in characters
ROUNDED_TO: Final = 256
EVAL_INTERVAL: Final = 10
FROM_USE_CASE: Final = "use_case.yaml"
BEDROCKS_DEFAULT: Final = "Bedrock's default"
ASSUMED: Final = "assumed by the forecast"
FORECAST_NEEDS: Final = frozenset(
    {"trainingSamplePerPrompt", "evalInterval"}
)  # of what an engine may not take


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the dataset, and of the base model's answers when a probe measured them."""

    train: int
    validation: int
    longest_prompt_characters: int = 0
    too_long: int = 0
    answers: TokenSpread | None = None


Preset = tuple[int | float | None, str, str]


def resolve(settings: UseCaseSettings, facts: Facts) -> Plan:
    """The hyperparameters of a run: what `use_case.yaml` sets, else the preset for this dataset."""
    given = settings.hyperparameters.api()
    found: dict[str, PlannedValue] = {}
    for name, preset in _PRESETS.items():
        if name in given:
            found[name] = PlannedValue(
                name=name, value=given[name], source=FROM_USE_CASE, reason="set by the use case"
            )
            continue
        value, rule, reason = preset(settings, facts, {item.name: item.value for item in found.values()})
        source = BEDROCKS_DEFAULT if value is None else f"preset: {rule}"
        if name not in SETTABLE[settings.model.engine]:
            value, source = (value, ASSUMED) if name in FORECAST_NEEDS else (None, BEDROCKS_DEFAULT)
            reason = f"not sent: the engine {settings.model.engine} takes no such setting"
        found[name] = PlannedValue(name=name, value=value, source=source, reason=reason)
    if settings.model.engine == "mantle":
        found["learningRateMultiplier"] = _multiplier(given.get("learningRateMultiplier"))
    plan = Plan(hyperparameters=list(found.values()))
    return plan.model_copy(update={"warnings": cautions.of(plan.api(), facts)})


def _multiplier(given: float | str | None) -> PlannedValue:
    reason = (
        "set by the use case" if given else "left out: AWS recommends less than 1 and documents no default"
    )
    source = FROM_USE_CASE if given else BEDROCKS_DEFAULT
    return PlannedValue(name="learningRateMultiplier", value=given, source=source, reason=reason)


def batch_size(settings: UseCaseSettings, train: int) -> int:
    """Prompts of a training batch for so many training records."""
    return settings.hyperparameters.batchSize or fitting_batch(train)


def fitting_batch(train: int) -> int:
    """The preset: `BATCH`, or less where an epoch would have fewer than `STEPS_AN_EPOCH` steps."""
    batch = BATCH
    while batch > SMALLEST_BATCH and batch * STEPS_AN_EPOCH > train:
        batch //= 2
    return batch


Chosen = Mapping[str, int | float | str | None]


def _epochs(settings: UseCaseSettings, facts: Facts, chosen: Chosen) -> Preset:
    epochs = next(epochs for records, epochs in EPOCHS if facts.train >= records)
    reason = (
        "small sets need 6 to 12 epochs, large ones 3 to 6; from 500 records 6, from 2,000 4, from 5,000 3"
    )
    return epochs, "by records", f"{facts.train:,} records: {reason}"


def _batch(settings: UseCaseSettings, facts: Facts, chosen: Chosen) -> Preset:
    batch = fitting_batch(facts.train)
    if batch == BATCH:
        return batch, "best practice", "128 gives steady updates"
    return batch, "by records", f"{facts.train:,} records: fewer than {STEPS_AN_EPOCH} batches of {batch * 2}"


def _learning_rate(settings: UseCaseSettings, facts: Facts, chosen: Chosen) -> Preset:
    return LEARNING_RATE, "best practice", "best between 1e-4 and 1e-3 for adapters of rank 32"


def _prompt_length(settings: UseCaseSettings, facts: Facts, chosen: Chosen) -> Preset:
    tokens = facts.longest_prompt_characters / CHARACTERS_PER_TOKEN
    if not tokens:
        return None, "", "the prompts were not measured"
    value = _rounded(tokens * ANSWER_MARGIN)
    reason = f"the longest prompt has about {tokens:,.0f} tokens, and a quarter more for the estimate"
    if value > LONGEST_KEPT_TOKENS:
        return (
            LONGEST_KEPT_TOKENS,
            "longest prompt, bounded",
            f"{reason}; bounded to {LONGEST_KEPT_TOKENS:,}",
        )
    return value, "longest prompt", reason


def _samples(settings: UseCaseSettings, facts: Facts, chosen: Chosen) -> Preset:
    return (
        SAMPLES,
        "best practice",
        "enough answers a prompt for their rewards to differ; cost is linear in it",
    )


def _answer_tokens(settings: UseCaseSettings, facts: Facts, chosen: Chosen) -> Preset:
    least = ANSWER_TOKENS[settings.task]
    measured = _rounded(facts.answers.longest * ANSWER_MARGIN) if facts.answers else 0
    if facts.answers and measured > least:
        top = int(HYPERPARAMETER_RANGES["inferenceMaxTokens"].maximum)
        told = f"the longest answer in the probe has {facts.answers.longest:,.0f} tokens, and a quarter more"
        return min(measured, top), "as the probe measured", told
    return least, f"task {settings.task}", "1,024 for simple tasks, 4,096 for code and long form"


def _eval_interval(settings: UseCaseSettings, facts: Facts, chosen: Chosen) -> Preset:
    batches = facts.train // int(chosen["batchSize"] or BATCH)
    return max(1, min(EVAL_INTERVAL, batches)), "records / batch", "at most 10 steps, and once an epoch"


def _reasoning(settings: UseCaseSettings, facts: Facts, chosen: Chosen) -> Preset:
    return None, "", "left out: AWS recommends no value"


def _rounded(tokens: float) -> int:
    return max(ROUNDED_TO, math.ceil(tokens / ROUNDED_TO) * ROUNDED_TO)


_PRESETS: Final[Mapping[str, Callable[[UseCaseSettings, Facts, Chosen], Preset]]] = MappingProxyType(
    {
        "epochCount": _epochs,
        "batchSize": _batch,
        "learningRate": _learning_rate,
        "trainingSamplePerPrompt": _samples,
        "maxPromptLength": _prompt_length,
        "inferenceMaxTokens": _answer_tokens,
        "evalInterval": _eval_interval,
        "reasoningEffort": _reasoning,
    }
)
