"""The held-out prompts that show best what training changed, with both models' answers.

Texts of prompts and answers appear on the run's page only, never in a record, a log line or JSON.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from typing import Any, Final

from rft.evaluation.batch import BASE, CANDIDATE, Outcome
from rft.evaluation.parts import read_outcomes, read_planned, read_records
from rft.names import TEST, RunKeys
from rft.pages import cut
from rft.rewards.contract import REFERENCE_KEY, content_text
from rft.runs.record import RunRecord

IMPROVED, WORSENED = "Improved most", "Got worse most"
BEST, WORST = "Best answers of the candidate", "Worst answers of the candidate"
KINDS: Final = (IMPROVED, WORSENED, BEST, WORST)
OF_A_KIND: Final = 2
MAX_KEPT: Final = 64  # of a kind while answers pass by


@dataclass(frozen=True, slots=True)
class Pair:
    """Both models' first answer to a prompt."""

    base: Outcome
    candidate: Outcome

    @property
    def change(self) -> float:
        return (self.candidate.reward or 0.0) - (self.base.reward or 0.0)


@dataclass(frozen=True, slots=True)
class Shown:
    """A prompt with both answers; `answers` are (model, reward, remarks, text)."""

    why: str
    place: int
    slice: str | None
    change: float
    messages: Sequence[tuple[str, str]]
    reference: str
    answers: Sequence[tuple[str, float, str, str]]


def _worth(why: str, pair: Pair) -> float | None:
    reward = pair.candidate.reward or 0.0
    return {
        IMPROVED: pair.change if pair.change > 0 else None,
        WORSENED: -pair.change if pair.change < 0 else None,
        BEST: reward,
        WORST: -reward,
    }[why]


def pairs(outcomes: Iterable[Outcome]) -> Iterator[Pair]:
    """Both models' first scored answers by prompt, as soon as both have come."""
    waiting: dict[int, Outcome] = {}
    for outcome in outcomes:
        if outcome.sample or outcome.reward is None or outcome.target not in {BASE, CANDIDATE}:
            continue
        other = waiting.pop(outcome.index, None)
        if other is None or other.target == outcome.target:
            waiting[outcome.index] = outcome
        elif outcome.target == CANDIDATE:
            yield Pair(other, outcome)
        else:
            yield Pair(outcome, other)


def choose(found: Iterable[Pair]) -> list[tuple[str, Pair]]:
    """Two of each kind, each prompt once; among equals the earlier prompt."""
    best: dict[str, list[tuple[float, int, Pair]]] = {why: [] for why in KINDS}
    for pair in found:
        for why, kept in best.items():
            if (worth := _worth(why, pair)) is not None:
                kept.append((worth, -pair.candidate.index, pair))
                if len(kept) > MAX_KEPT:
                    kept[:] = nlargest(MAX_KEPT // 2, kept)
    chosen: dict[int, tuple[str, Pair]] = {}
    for why, kept in best.items():
        fresh = [item for item in nlargest(MAX_KEPT, kept) if -item[1] not in chosen][:OF_A_KIND]
        chosen |= {-index: (why, pair) for _, index, pair in fresh}
    return list(chosen.values())


def read(record: RunRecord, bucket: str, keys: RunKeys) -> list[Shown]:
    """The chosen prompts of a run's test evaluation; empty without one."""
    if TEST not in record.evaluations:
        return []
    chosen = choose(pairs(read_outcomes(bucket, keys, TEST, record.attempt, texts=True)))
    wanted = {pair.candidate.index for _, pair in chosen}
    places = [prompt for prompt in read_planned(bucket, keys, TEST) if prompt.index in wanted]
    records = dict(read_records(bucket, keys.dataset(TEST), places))
    return [
        show(why, pair, records[pair.candidate.index])
        for why, pair in chosen
        if pair.candidate.index in records
    ]


def show(why: str, pair: Pair, record: Mapping[str, Any]) -> Shown:
    """A pair with the record it is about."""
    reference = record.get(REFERENCE_KEY)
    return Shown(
        why,
        pair.candidate.index + 1,
        pair.candidate.slice,
        pair.change,
        [(str(message["role"]), cut(content_text(message.get("content")))) for message in record["messages"]],
        "" if reference is None else cut(str(reference)),
        [
            (name, answer.reward or 0.0, _remarks(answer), cut(answer.response))
            for name, answer in ((BASE, pair.base), (CANDIDATE, pair.candidate))
        ],
    )


def _remarks(answer: Outcome) -> str:
    return f"{answer.output_tokens} tokens" + (", cut off" if answer.stop_reason == "max_tokens" else "")
