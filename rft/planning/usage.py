"""How much of everything a run uses, in one case of three: low, expected, high."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from rft.catalogue import CHARACTERS_PER_TOKEN, MAX_JOB_SECONDS
from rft.runs.record import TokenSpread
from rft.settings import RunSettings

LOW, EXPECTED, HIGH = "low", "expected", "high"
CASES: Final = (LOW, EXPECTED, HIGH)
# Of the token limit, where no probe measured the answers; and of a judge's.
SHARE_OF_LIMIT: Final[Mapping[str, float]] = {LOW: 0.25, EXPECTED: 0.5, HIGH: 1.0}
REWARD_MS: Final[Mapping[str, float]] = {LOW: 5.0, EXPECTED: 50.0, HIGH: 500.0}  # where no audit measured it
RUBRIC_TOKENS: Final = 400  # a judge's instructions, about those of the four rubrics shipped
# State transitions: of a run's own states, of one batch of an evaluation, of one round of watching the job.
RUN_STATES, BATCH_STATES, ROUND_STATES = 50, 3, 3
TRAINING_HOURS: Final[Mapping[str, float]] = {LOW: 1.0, EXPECTED: 8.0, HIGH: MAX_JOB_SECONDS / 3600}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Prompts by purpose; mean prompt length in characters; answers and the reward's milliseconds when measured."""

    train: int
    validation: int
    test: int
    prompt_characters: float
    answers: TokenSpread | None = None
    reward_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens are of one prompt, answer or judgement; everything else is of the whole run."""

    prompt_tokens: float
    answer_tokens: float
    rollouts: float
    validation_rollouts: float
    probed: int
    asked: int  # of each target, base and candidate
    judge_input_tokens: float
    judge_output_tokens: float
    reward_seconds: float
    transitions: float

    @property
    def rollout_tokens(self) -> float:
        return self.prompt_tokens + self.answer_tokens

    @property
    def scored(self) -> float:
        """Answers that the reward function scores."""
        return self.rollouts + self.validation_rollouts + self.probed + 2 * self.asked


def usage(settings: RunSettings, values: Mapping[str, int | float | str], sizes: Sizes, case: str) -> Usage:
    """What a run with these hyperparameters uses in one of `CASES`."""
    use_case = settings.use_case
    epochs, batch = float(values["epochCount"]), int(values["batchSize"])
    if case == LOW and sizes.validation:
        epochs /= 2
    steps = max(1, math.ceil(sizes.train / batch)) * epochs
    validations = steps // int(values["evalInterval"]) + 1 if sizes.validation else 0
    probed = min(sizes.train, use_case.probe.prompts)
    asked = min(sizes.test, use_case.evaluation.max_prompts)
    prompt_tokens = sizes.prompt_characters / CHARACTERS_PER_TOKEN
    answer_tokens = _answer_tokens(int(values["inferenceMaxTokens"]), sizes.answers, case)
    judge = use_case.reward.judge
    milliseconds = sizes.reward_ms if sizes.reward_ms else REWARD_MS[case]
    per_batch = use_case.evaluation.batch_size
    batches = math.ceil(asked / per_batch) + math.ceil(probed * use_case.probe.samples_per_prompt / per_batch)
    rounds = TRAINING_HOURS[case] * 3600 / settings.workflow.watch_interval_seconds
    return Usage(
        prompt_tokens=prompt_tokens,
        answer_tokens=answer_tokens,
        rollouts=sizes.train * int(values["trainingSamplePerPrompt"]) * epochs,
        validation_rollouts=sizes.validation * validations,
        probed=probed * use_case.probe.samples_per_prompt,
        asked=asked,
        judge_input_tokens=judge.votes * (RUBRIC_TOKENS + prompt_tokens + answer_tokens) if judge else 0.0,
        judge_output_tokens=judge.votes * judge.max_tokens * SHARE_OF_LIMIT[case] if judge else 0.0,
        reward_seconds=milliseconds / 1000 / use_case.reward.concurrency,
        transitions=RUN_STATES + BATCH_STATES * batches + ROUND_STATES * rounds,
    )


def _answer_tokens(limit: int, answers: TokenSpread | None, case: str) -> float:
    if answers is None:
        return limit * SHARE_OF_LIMIT[case]
    return min(limit, {LOW: answers.p10, EXPECTED: answers.mean, HIGH: answers.p90}[case])
