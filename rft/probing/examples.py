"""The ten most instructive prompts of a probe: a few of each kind, those with the widest rewards to fill up."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import nlargest
from typing import Final

from rft.probing.groups import Group, is_truncated, is_unparsed
from rft.probing.verdict import Verdict

SHOWN: Final = 10
_OF_A_KIND: Final = 2
_KEPT: Final = 64  # of a kind while groups pass by


@dataclass(frozen=True, slots=True)
class Example:
    """A group and why it is shown."""

    why: str
    group: Group


_KINDS: Final = {
    Verdict.NOISY: "one answer, scored twice, earns different rewards",
    Verdict.FORMAT_BOUND: "an answer ends with the reference and earns less than half",
    Verdict.TRUNCATED: "an answer is cut off",
    Verdict.READY: "the answers earn different rewards",
    Verdict.TOO_HARD: "no answer earns anything",
    Verdict.TOO_EASY: "every answer earns everything",
    Verdict.FLAT: "all answers earn the same, which is neither nothing nor everything",
}


def kinds_of(group: Group) -> Iterator[tuple[Verdict, float]]:
    """The kinds of prompts that a group is an example of, each with how good an example it is."""
    if any(difference > 0 for difference in group.noise):
        yield Verdict.NOISY, max(group.noise)
    for kind, found in ((Verdict.FORMAT_BOUND, is_unparsed), (Verdict.TRUNCATED, is_truncated)):
        count = sum(map(found, group.answers))
        if count:
            yield kind, count
    if group.is_useful:
        yield Verdict.READY, group.spread
    elif group.is_all_zero:
        yield Verdict.TOO_HARD, 0
    elif group.is_all_one:
        yield Verdict.TOO_EASY, 0
    else:
        yield Verdict.FLAT, 0


class Examples:
    """Keeps the best examples of each kind while groups pass by."""

    def __init__(self) -> None:
        self._best: dict[Verdict, list[tuple[float, int, Group]]] = {kind: [] for kind in _KINDS}

    def watch(self, groups: Iterable[Group]) -> Iterator[Group]:
        """Pass groups on."""
        for group in groups:
            for kind, worth in kinds_of(group):
                kept = self._best[kind]
                kept.append((worth, -group.index, group))
                if len(kept) > _KEPT:
                    kept[:] = nlargest(_KEPT // 2, kept)
            yield group

    def chosen(self) -> list[Example]:
        """At most `SHOWN` examples, each prompt once."""
        found: dict[int, Example] = {}
        ordered = {kind: nlargest(SHOWN, kept) for kind, kept in self._best.items()}
        for limit in (_OF_A_KIND, SHOWN):
            for kind, why in _KINDS.items():
                for _, index, group in ordered[kind][:limit]:
                    if len(found) < SHOWN:
                        found.setdefault(-index, Example(why, group))
        return list(found.values())
