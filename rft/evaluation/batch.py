"""One batch of an evaluation: every prompt put to every target, every answer scored, one line per answer."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from rft.aws import code_of
from rft.engines.base import TrainingEngine
from rft.evaluation.grading import Grade, grade, sample
from rft.evaluation.prompts import TOOLS_KEY, converse_prompt
from rft.names import RECORD_KEY

BASE, CANDIDATE = "base", "candidate"
# The model cannot take this one prompt and would not the next time. Everything else fails the batch.
_PROMPT_FAULTS: Final = frozenset({"ValidationException", "ModelErrorException"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer, `characters` long. `reward` is None when the model gave none; `error` says why."""

    index: int
    prompt: str
    target: str
    sample: int
    reward: float | None
    slice: str | None = None
    components: Mapping[str, float] = field(default_factory=dict)
    characters: int = 0
    output_tokens: int = 0
    error: str | None = None
    response: str = ""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Sampling:
    """How answers are drawn; `max_tokens` None leaves the model's own limit; `attempt` is the run's."""

    samples: int
    temperature: float
    max_tokens: int | None
    attempt: int = 1


def run_batch(
    engine: TrainingEngine,
    records: Sequence[tuple[int, Mapping[str, Any]]],
    targets: Mapping[str, str],
    sampling: Sampling,
    reward_function_arn: str,
) -> list[Outcome]:
    """Answer and score.

    Args:
        records: prepared records with their index in the file.
        targets: model id or deployment ARN by target.
    """
    asked: list[tuple[Outcome, Mapping[str, Any]]] = []
    for index, record in records:
        prompt = converse_prompt(record["messages"], record.get(TOOLS_KEY))
        for target, model_id in targets.items():
            for number in range(sampling.samples):
                asked.append(
                    (_ask(engine, index, record, prompt, target, model_id, number, sampling), record)
                )
    answered = [(outcome, record) for outcome, record in asked if outcome.error is None]
    samples = [sample(_identity(outcome), record, outcome.response) for outcome, record in answered]
    grades = dict(
        zip((_identity(outcome) for outcome, _ in answered), grade(reward_function_arn, samples), strict=True)
    )
    return [_scored(outcome, grades.get(_identity(outcome))) for outcome, _ in asked]


def _ask(
    engine: TrainingEngine,
    index: int,
    record: Mapping[str, Any],
    prompt: Mapping[str, Any],
    target: str,
    model_id: str,
    number: int,
    sampling: Sampling,
) -> Outcome:
    marker = record.get(RECORD_KEY) or {}
    outcome = Outcome(
        index,
        str(marker.get("prompt", index)),
        target,
        number,
        None,
        marker.get("slice"),
        attempt=sampling.attempt,
    )
    try:
        answer = engine.ask(model_id, prompt, sampling.temperature, sampling.max_tokens)
    except Exception as error:
        if code_of(error) not in _PROMPT_FAULTS:
            raise
        return replace(outcome, error=code_of(error))
    return replace(
        outcome, response=answer.text, characters=len(answer.text), output_tokens=answer.output_tokens
    )


def _scored(outcome: Outcome, given: Grade | None) -> Outcome:
    if given is None:
        return outcome
    return replace(
        outcome,
        reward=given.reward,
        components=dict(given.components),
        error="RewardError" if given.error else None,
    )


def _identity(outcome: Outcome) -> str:
    return f"{outcome.target}-{outcome.index}-{outcome.sample}"


def to_jsonl(outcomes: Iterable[Outcome]) -> bytes:
    """A part's content."""
    return b"".join(json.dumps(asdict(outcome), ensure_ascii=False).encode() + b"\n" for outcome in outcomes)


def from_jsonl(lines: Iterable[bytes]) -> Iterator[Outcome]:
    """Read a part."""
    for line in lines:
        if line.strip():
            yield Outcome(**json.loads(line))
