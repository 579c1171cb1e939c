"""Whether the same answer always earns the same: again, in another order, under one id, beside a broken one."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rft.evaluation.grading import Grade
from rft.evaluation.scorers import Samples

CALLS: Final = 6  # times that `check` scores the samples
_REPEATS: Final = 2  # calls after the first
_BROKEN: Final[tuple[Mapping[str, Any], ...]] = (
    {"id": "broken-text", "messages": "not a list", "metadata": 17},
    {"id": "broken-empty", "messages": []},
    {"id": "broken-content", "messages": [{"role": "assistant", "content": {"text": [1]}}], "metadata": []},
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What one change did: how many samples scored differently, and the largest and mean difference."""

    what: str
    differing: int
    largest: float
    mean: float


@dataclass(frozen=True, slots=True)
class Consistency:
    """Differences to the first call, each over the same `samples`; `ids_kept` when broken samples came back
    under their own ids and got no reward."""

    samples: int
    differences: Sequence[Difference]
    broken_rewarded: int


def check(samples: Samples, score: Callable[[Samples], Sequence[Grade]]) -> Consistency:
    """Score the samples `CALLS` times and compare."""
    if not samples:
        return Consistency(0, (), 0)
    first = score(samples)
    again = [score(samples) for _ in range(_REPEATS)]
    order = list(range(len(samples)))
    random.Random(7).shuffle(order)  # noqa: S311 (an order, not a secret)
    shuffled = dict(zip(order, score([samples[place] for place in order]), strict=True))
    twins = score([{**sample, "id": "the-same-id"} for sample in samples])
    poisoned = score(_between(samples))
    kept = [grade for place, grade in enumerate(poisoned) if not _is_broken(place, len(samples))]
    broken = [grade for place, grade in enumerate(poisoned) if _is_broken(place, len(samples))]
    return Consistency(
        len(samples),
        (
            _compare("called again", first, [grade for call in again for grade in call], _REPEATS),
            _compare("in another order", first, [shuffled[place] for place in range(len(samples))]),
            _compare("all under one id", first, twins),
            _compare("beside broken samples", first, kept),
        ),
        sum(not grade.error for grade in broken),
    )


def _between(samples: Samples) -> list[Mapping[str, Any]]:
    half = len(samples) // 2
    return [*samples[:half], *_BROKEN, *samples[half:]]


def _is_broken(place: int, count: int) -> bool:
    return count // 2 <= place < count // 2 + len(_BROKEN)


def _compare(what: str, first: Sequence[Grade], other: Sequence[Grade], times: int = 1) -> Difference:
    gaps = [
        abs(a.reward - b.reward) + float(a.error != b.error)
        for a, b in zip([*first] * times, other, strict=True)
    ]
    return Difference(what, sum(gap > 0 for gap in gaps), max(gaps), sum(gaps) / len(gaps))
