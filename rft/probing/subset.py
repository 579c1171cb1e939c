"""Proposes which of the probed prompts to train on, when too many of them teach nothing."""

from collections.abc import Iterable
from typing import Final, Literal

from rft.probing.groups import Group

Subset = Literal["easier", "harder", "useful"]
SUBSETS: Final[tuple[Subset, ...]] = ("easier", "harder", "useful")


def keeps(group: Group, subset: Subset) -> bool:
    """Whether a prompt stays: `easier` drops those that earn nothing, `harder` those that earn everything, `useful`
    keeps those whose answers differ."""
    if subset == "easier":
        return not group.is_all_zero
    if subset == "harder":
        return not group.is_all_one
    return group.is_useful


def propose(groups: Iterable[Group], subset: Subset) -> set[int]:
    """Indexes of the prompts that stay."""
    return {group.index for group in groups if keeps(group, subset)}
