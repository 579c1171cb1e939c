"""Answers to one prompt, together: what group-relative training compares."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import fmean, pstdev
from typing import Final

from rft.evaluation.batch import Outcome

SAME: Final = 1e-9  # rewards closer than this are one reward
FULL: Final = 1.0 - 1e-6  # a reward from here on is the whole of it


@dataclass(frozen=True, slots=True)
class Group:
    """All answers to the prompt at `index` of the probe's file; `rewards` in [0, 1], none of them missing."""

    index: int
    prompt: str
    slice: str | None
    answers: tuple[Outcome, ...]
    rewards: tuple[float, ...]

    @property
    def mean(self) -> float:
        return fmean(self.rewards)

    @property
    def spread(self) -> float:
        """Standard deviation of the rewards."""
        return pstdev(self.rewards)

    @property
    def is_useful(self) -> bool:
        """Whether the rewards differ, so that group-relative training learns something here."""
        return max(self.rewards) - min(self.rewards) > SAME

    @property
    def is_all_zero(self) -> bool:
        return max(self.rewards) <= SAME

    @property
    def is_all_one(self) -> bool:
        return min(self.rewards) >= FULL

    def without_texts(self) -> "Group":
        """The group with empty responses, so that any number of them may be kept."""
        return replace(self, answers=tuple(replace(answer, response="") for answer in self.answers))

    @property
    def noise(self) -> list[float]:
        """How far apart two scorings of the same answer are, of those that were scored twice."""
        return [
            abs(one.reward - one.again)
            for one in self.answers
            if one.reward is not None and one.again is not None
        ]


def is_truncated(answer: Outcome) -> bool:
    """Whether the answer was cut off at `inferenceMaxTokens` (Converse's stop reason)."""
    return answer.stop_reason == "max_tokens"


def is_unparsed(answer: Outcome) -> bool:
    """Whether the answer ends with the reference and earns less than half all the same."""
    return answer.says_reference and answer.reward is not None and answer.reward < 0.5


def complete_groups(outcomes: Iterable[Outcome]) -> Iterator[Group]:
    """Groups in which every answer has a reward; answers to one prompt come one after another."""
    for index, found in groupby(outcomes, key=lambda outcome: outcome.index):
        answers = tuple(found)
        rewards = tuple(answer.reward for answer in answers if answer.reward is not None)
        if len(rewards) == len(answers):
            yield Group(index, answers[0].prompt, answers[0].slice, answers, rewards)
