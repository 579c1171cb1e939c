"""The environment's training slots as a value, and what may happen to it. No clock, no AWS.

A run holds a slot under a lease. A free slot goes to the waiting use case that holds the fewest slots, then to
the one that was served longest ago, then to the longest wait, then to the first owner by name; within a use case
first come, first served. A waiter that has not asked again by its `until` has left. An owner is
"<use case>/<run id>"; all times are whole Unix seconds.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from typing import NamedTuple

from pydantic import Field

from rft.runs.part import Part


class Lease(Part):
    """One taken slot; `expires` is the first second in which anybody may take it away."""

    owner: str
    execution: str  # ARN of the execution that works for the owner
    since: int
    expires: int


class Waiter(Part):
    """One place in the queue; `until` is the first second in which it counts as left."""

    owner: str
    since: int
    until: int


class SlotQueue(Part):
    """All that is known of an environment's slots. Every function below returns a new one."""

    slots: int = 0  # how many there were for whoever took or asked for one last; 0 before that
    holders: tuple[Lease, ...] = ()
    waiters: tuple[Waiter, ...] = ()
    served: Mapping[str, int] = Field(default_factory=dict)  # by use case: when it was last given a slot

    def lease(self, owner: str) -> Lease | None:
        """The owner's lease, if it has one."""
        return next((lease for lease in self.holders if lease.owner == owner), None)

    @property
    def in_turn(self) -> tuple[Waiter, ...]:
        """The waiters in the order in which they would get slots if no lease ended in between."""
        held = Counter(use_case_of(lease.owner) for lease in self.holders)
        served = Counter(self.served)
        left, order = list(self.waiters), list[Waiter]()
        turn = max(served.values(), default=0)
        while left:
            chosen = min(left, key=lambda waiter: _precedence(waiter, held, served))
            turn += 1
            held[use_case_of(chosen.owner)] += 1
            served[use_case_of(chosen.owner)] = turn
            left.remove(chosen)
            order.append(chosen)
        return tuple(order)

    def place(self, owner: str) -> int:
        """The owner's place in the queue, from 1; 0 when it does not wait."""
        turn = [waiter.owner for waiter in self.in_turn]
        return turn.index(owner) + 1 if owner in turn else 0


def _precedence(waiter: Waiter, held: Counter[str], served: Counter[str]) -> tuple[int, int, int, str]:
    use_case = use_case_of(waiter.owner)
    return held[use_case], served[use_case], waiter.since, waiter.owner


class Change(NamedTuple):
    """What a function makes of the queue, and whether the owner got what it asked for."""

    queue: SlotQueue
    done: bool


def use_case_of(owner: str) -> str:
    return owner.partition("/")[0]


def expire(queue: SlotQueue, now: int) -> SlotQueue:
    """Without the leases that ended and the waiters that left."""
    return queue.model_copy(
        update={
            "holders": tuple(lease for lease in queue.holders if lease.expires > now),
            "waiters": tuple(waiter for waiter in queue.waiters if waiter.until > now),
        }
    )


def acquire(
    queue: SlotQueue, owner: str, execution: str, *, now: int, slots: int, lease_seconds: int, patience: int
) -> Change:
    """Take a slot when one is free and it is the owner's turn; otherwise keep its place for `patience` seconds.

    An owner that has a slot keeps it, and its lease begins anew.
    """
    queue = expire(queue, now).model_copy(update={"slots": slots})
    if queue.lease(owner):
        return Change(_give(queue, owner, execution, now, lease_seconds), done=True)
    since = next((waiter.since for waiter in queue.waiters if waiter.owner == owner), now)
    asking = Waiter(owner=owner, since=since, until=now + patience)
    queue = queue.model_copy(update={"waiters": (*_others(queue, owner), asking)})
    if queue.place(owner) > slots - len(queue.holders):
        return Change(queue, done=False)
    return Change(_give(queue, owner, execution, now, lease_seconds), done=True)


def renew(queue: SlotQueue, owner: str, execution: str, *, now: int, lease_seconds: int) -> Change:
    """Begin the owner's lease anew, even one that ended if nobody has taken it away; not done without one.

    It belongs to this execution from now on: that of a restarted run must not lose it for the death of the one before.
    """
    if queue.lease(owner) is None:
        return Change(queue, done=False)
    return Change(_give(queue, owner, execution, now, lease_seconds), done=True)


def retake(
    queue: SlotQueue, owner: str, execution: str, *, now: int, slots: int, lease_seconds: int
) -> Change:
    """Take a free slot ahead of all waiters, for an owner that lost its own while its job runs on.

    The job counts in the account's quota with or without a slot, so a waiter could not train instead.
    """
    left = expire(queue, now)
    if left.lease(owner) is None and len(left.holders) >= min(slots, queue.slots or slots):
        return Change(queue, done=False)
    return Change(_give(left, owner, execution, now, lease_seconds), done=True)


def release(queue: SlotQueue, owner: str) -> Change:
    """Without the owner, as holder and as waiter; done when it had a slot."""
    left = queue.model_copy(
        update={
            "holders": tuple(lease for lease in queue.holders if lease.owner != owner),
            "waiters": _others(queue, owner),
        }
    )
    return Change(left, done=queue.lease(owner) is not None)


def reclaim(queue: SlotQueue, dead: Collection[Lease]) -> SlotQueue:
    """Without the leases of executions that are over; one that its owner took anew since is not among them."""
    over = {(lease.owner, lease.execution) for lease in dead}
    kept = tuple(lease for lease in queue.holders if (lease.owner, lease.execution) not in over)
    return queue.model_copy(update={"holders": kept})


def _give(queue: SlotQueue, owner: str, execution: str, now: int, lease_seconds: int) -> SlotQueue:
    had = queue.lease(owner)
    since = had.since if had else now
    lease = Lease(owner=owner, execution=execution, since=since, expires=now + lease_seconds)
    kept = tuple(other for other in queue.holders if other.owner != owner)
    served = queue.served if had else {**queue.served, use_case_of(owner): now}
    return queue.model_copy(
        update={"holders": (*kept, lease), "waiters": _others(queue, owner), "served": served}
    )


def _others(queue: SlotQueue, owner: str) -> tuple[Waiter, ...]:
    return tuple(waiter for waiter in queue.waiters if waiter.owner != owner)
