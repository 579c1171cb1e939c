"""One batch of an evaluation: every prompt put to every target, every answer scored, one line per answer."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Protocol

from rft.aws import code_of
from rft.engines.base import Answer
from rft.evaluation.grading import Grade, sample
from rft.evaluation.mentions import says_reference
from rft.evaluation.prompts import TOOLS_KEY, converse_prompt
from rft.evaluation.scorers import Scorer
from rft.names import RECORD_KEY
from rft.rewards.contract import REFERENCE_KEY

BASE, CANDIDATE = "base", "candidate"
# The model cannot take this one prompt and would not the next time. Everything else fails the batch.
_PROMPT_FAULTS: Final = frozenset({"ValidationException", "ModelErrorException"})


class Asks(Protocol):
    """What an evaluation needs of an engine."""

    def ask(
        self, model_id: str, prompt: Mapping[str, Any], temperature: float, max_tokens: int | None
    ) -> Answer:
        """Answer one prompt (members of `Converse`)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One answer, `characters` long. `reward` is None when the model gave none; `error` says why. `again` is the reward
    of the same answer scored a second time, `says_reference` whether it ends with the reference."""

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
    input_tokens: int = 0
    stop_reason: str = ""
    says_reference: bool = False
    again: float | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How answers are drawn: `max_tokens` None leaves the model's own limit, `at_once` are asked at the same time;
    `score_twice` scores one answer to each prompt again; `attempt` is the run's."""

    samples: int
    temperature: float
    max_tokens: int | None
    attempt: int = 1
    at_once: int = 1
    score_twice: bool = False


def run_batch(
    engine: Asks,
    records: Sequence[tuple[int, Mapping[str, Any]]],
    targets: Mapping[str, str],
    sampling: Sampling,
    score: Scorer,
) -> list[Outcome]:
    """Answer and score.

    Args:
        records: prepared records with their index in the file.
        targets: model id or deployment ARN by target.
        score: gives the grades of samples on the wire, in their order.
    """
    wanted = [
        _Wanted(
            index, record, converse_prompt(record["messages"], record.get(TOOLS_KEY)), target, model, number
        )
        for index, record in records
        for target, model in targets.items()
        for number in range(sampling.samples)
    ]
    with ThreadPoolExecutor(max_workers=max(1, min(sampling.at_once, len(wanted)))) as pool:
        asked = list(pool.map(lambda one: _ask(engine, one, sampling), wanted))
    answered = [(one, outcome) for one, outcome in zip(wanted, asked, strict=True) if outcome.error is None]
    samples = [sample(_identity(outcome), one.record, outcome.response) for one, outcome in answered]
    grades = dict(zip((entry["id"] for entry in samples), score(samples), strict=True))
    repeated = [entry for entry, (one, _) in zip(samples, answered, strict=True) if one.number == 0]
    again = score(repeated) if sampling.score_twice and repeated else []
    twice = dict(zip((entry["id"] for entry in repeated), again, strict=bool(again)))
    return [
        _scored(outcome, grades.get(_identity(outcome)), twice.get(_identity(outcome))) for outcome in asked
    ]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One answer to be asked for."""

    index: int
    record: Mapping[str, Any]
    prompt: Mapping[str, Any]
    target: str
    model_id: str
    number: int


def _ask(engine: Asks, one: _Wanted, sampling: Sampling) -> Outcome:
    marker = one.record.get(RECORD_KEY) or {}
    outcome = Outcome(
        one.index,
        str(marker.get("prompt", one.index)),
        one.target,
        one.number,
        None,
        marker.get("slice"),
        attempt=sampling.attempt,
    )
    try:
        answer = engine.ask(one.model_id, one.prompt, sampling.temperature, sampling.max_tokens)
    except Exception as error:
        if code_of(error) not in _PROMPT_FAULTS:
            raise
        return replace(outcome, error=code_of(error))
    return replace(
        outcome,
        response=answer.text,
        characters=len(answer.text),
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        stop_reason=answer.stop_reason,
        says_reference=says_reference(answer.text, one.record.get(REFERENCE_KEY)),
    )


def _scored(outcome: Outcome, given: Grade | None, again: Grade | None) -> Outcome:
    if given is None:
        return outcome
    return replace(
        outcome,
        reward=given.reward,
        components=dict(given.components),
        error="RewardError" if given.error else None,
        again=again.reward if again is not None and not again.error else None,
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
