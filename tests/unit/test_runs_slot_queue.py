"""The queue for training slots as a value: its rules one by one, then any order of events."""

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from rft.runs import slot_queue
from rft.runs.slot_queue import SlotQueue, expire, use_case_of

LEASE, POLL = 600, 60
PATIENCE = 3 * POLL
RUNS = [f"{use_case}/{number}" for use_case in ("maths", "shop", "sql") for number in range(3)]


def ask(queue: SlotQueue, owner: str, now: int, slots: int = 1) -> slot_queue.Change:
    return slot_queue.acquire(
        queue, owner, f"arn:{owner}", now=now, slots=slots, lease_seconds=LEASE, patience=PATIENCE
    )


def asked(*owners: str, slots: int = 1, queue: SlotQueue | None = None) -> SlotQueue:
    """Everybody asks, a second after one another."""
    queue = queue or SlotQueue()
    for now, owner in enumerate(owners, start=1000):
        queue = ask(queue, owner, now, slots).queue
    return queue


def turn(queue: SlotQueue) -> list[str]:
    return [waiter.owner for waiter in queue.in_turn]


def test_a_use_case_without_slots_goes_before_one_that_asked_earlier() -> None:
    queue = asked("shop/1", "sql/1", "shop/2", "maths/1", slots=2)
    assert [lease.owner for lease in queue.holders] == ["shop/1", "sql/1"]
    assert turn(queue) == ["maths/1", "shop/2"]
    assert queue.place("shop/2") == 2
    assert not ask(slot_queue.release(queue, "sql/1").queue, "shop/2", 1010, slots=2).done
    assert ask(slot_queue.release(queue, "sql/1").queue, "maths/1", 1010, slots=2).done


def test_with_equal_slots_the_use_case_served_longest_ago_goes_first() -> None:
    queue = asked("sql/1", "sql/2", "shop/1")
    assert turn(queue) == ["shop/1", "sql/2"]
    queue = ask(slot_queue.release(queue, "sql/1").queue, "shop/1", 1010).queue
    queue = ask(queue, "shop/2", 1011).queue
    queue = ask(queue, "sql/3", 1012).queue
    assert turn(queue) == ["sql/2", "shop/2", "sql/3"]


def test_then_the_longest_wait_and_then_the_name_decides() -> None:
    queue = asked("sql/1")
    for now, owner in ((1010, "maths/1"), (1010, "shop/2"), (1010, "shop/1"), (1009, "xml/1")):
        queue = ask(queue, owner, now).queue
    assert turn(queue) == ["xml/1", "maths/1", "shop/1", "shop/2"]


def test_two_free_slots_are_not_both_kept_for_the_first_in_turn() -> None:
    queue = asked("shop/1", "sql/1", "maths/1", "maths/2", slots=2)
    for owner in ("shop/1", "sql/1"):
        queue = slot_queue.release(queue, owner).queue
    assert ask(queue, "maths/2", 1010, slots=2).done


@pytest.mark.parametrize(("waited", "stays"), [(PATIENCE - 1, True), (PATIENCE, False)])
def test_a_waiter_not_seen_for_three_polls_has_left(waited: int, stays: bool) -> None:
    queue = asked("sql/1", "shop/1")
    assert turn(expire(queue, 1001 + waited)) == (["shop/1"] if stays else [])


def test_asking_again_keeps_the_place() -> None:
    queue = asked("sql/1", "shop/1", "shop/2")
    queue = ask(queue, "shop/1", 1100).queue
    assert turn(queue) == ["shop/1", "shop/2"]
    assert queue.in_turn[0].since == 1001


@pytest.mark.parametrize(("later", "done"), [(LEASE - 1, False), (LEASE, True)])
def test_a_lease_ends_on_time(later: int, done: bool) -> None:
    assert ask(asked("sql/1"), "shop/1", 1000 + later).done is done


def test_a_late_renewal_holds_unless_somebody_was_quicker() -> None:
    queue = asked("sql/1")
    late = 1000 + LEASE + 50
    assert slot_queue.renew(queue, "sql/1", "arn:sql/1", now=late, lease_seconds=LEASE).done
    taken = ask(queue, "shop/1", late).queue
    assert not slot_queue.renew(taken, "sql/1", "arn:sql/1", now=late, lease_seconds=LEASE).done


def test_a_renewal_makes_the_lease_that_of_the_restarted_execution() -> None:
    change = slot_queue.renew(asked("sql/1"), "sql/1", "arn:restarted", now=1001, lease_seconds=LEASE)
    (lease,) = change.queue.holders
    assert lease.execution == "arn:restarted"


def test_a_lost_slot_is_taken_again_ahead_of_the_queue_but_never_above_the_count() -> None:
    queue = asked("sql/1", "shop/1", "maths/1", slots=2)
    again = {"now": 1010, "slots": 2, "lease_seconds": LEASE}
    assert not slot_queue.retake(queue, "xml/1", "arn:xml/1", **again).done
    freed = slot_queue.release(queue, "sql/1").queue
    change = slot_queue.retake(freed, "xml/1", "arn:xml/1", **again)
    assert change.done
    assert not ask(change.queue, "maths/1", 1011, slots=2).done
    # A quota that the last acquirer saw goes before the run's own setting.
    small = freed.model_copy(update={"slots": 1})
    assert not slot_queue.retake(small, "xml/1", "arn:xml/1", **again).done


def test_a_lease_that_was_taken_anew_is_not_reclaimed() -> None:
    queue = asked("sql/1")
    dead = list(queue.holders)
    again = slot_queue.acquire(
        queue, "sql/1", "arn:second", now=1010, slots=1, lease_seconds=LEASE, patience=PATIENCE
    ).queue
    assert slot_queue.reclaim(queue, dead).holders == ()
    assert slot_queue.reclaim(again, dead) == again


def test_fewer_slots_than_holders_take_nothing_away() -> None:
    queue = asked("sql/1", "shop/1", slots=2)
    change = ask(queue, "maths/1", 1010, slots=1)
    assert not change.done
    assert len(change.queue.holders) == 2
    assert not ask(slot_queue.release(change.queue, "sql/1").queue, "maths/1", 1011, slots=1).done


class Events(RuleBasedStateMachine):
    """Runs ask, renew, finish and vanish at any moment; time passes."""

    @initialize(slots=st.integers(1, 4))
    def begin(self, slots: int) -> None:
        self.slots, self.now, self.queue = slots, 1000, SlotQueue()
        self.sure: dict[str, int] = {}  # until when a run may rely on its slot

    @rule(owner=st.sampled_from(RUNS))
    def arrive(self, owner: str) -> None:
        self.acquire(owner)

    @rule(order=st.permutations(RUNS), missing=st.sets(st.sampled_from(RUNS), max_size=2))
    def waiters_ask_again(self, order: list[str], missing: set[str]) -> None:
        self.now += POLL
        waiting = {waiter.owner for waiter in self.queue.waiters} - missing
        for owner in order:
            if owner in waiting:
                self.acquire(owner)

    @rule(which=st.integers(0, 3))
    def a_holder_is_done(self, which: int) -> None:
        if self.queue.holders:
            self.finish(self.queue.holders[which % len(self.queue.holders)].owner)

    @rule()
    def all_holders_renew(self) -> None:
        for lease in self.queue.holders:
            self.renew(lease.owner)

    def acquire(self, owner: str) -> None:
        before = expire(self.queue, self.now)
        change = ask(self.queue, owner, self.now, self.slots)
        self.queue = change.queue
        if change.done:
            if before.lease(owner) is None:
                check_grant(before, owner, self.slots, self.now)
            self.sure[owner] = self.now + LEASE
        else:
            ahead = change.queue.place(owner) - 1
            assert ahead >= self.slots - len(change.queue.holders), "denied although a slot is left over"

    @rule(owner=st.sampled_from(RUNS))
    def renew(self, owner: str) -> None:
        change = slot_queue.renew(self.queue, owner, f"arn:{owner}", now=self.now, lease_seconds=LEASE)
        self.queue = change.queue
        assert change.done or self.sure.pop(owner, 0) <= self.now
        if change.done:
            self.sure[owner] = self.now + LEASE

    @rule(owner=st.sampled_from(RUNS))
    def retake(self, owner: str) -> None:
        change = slot_queue.retake(
            self.queue, owner, f"arn:{owner}", now=self.now, slots=self.slots, lease_seconds=LEASE
        )
        self.queue = change.queue
        if change.done:
            self.sure[owner] = self.now + LEASE

    @rule(owner=st.sampled_from(RUNS))
    def leave(self, owner: str) -> None:
        self.finish(owner)

    def finish(self, owner: str) -> None:
        change = slot_queue.release(self.queue, owner)
        self.queue = change.queue
        assert change.done or self.sure.get(owner, 0) <= self.now
        self.sure.pop(owner, None)

    @rule(owner=st.sampled_from(RUNS))
    def is_found_dead(self, owner: str) -> None:
        lease = self.queue.lease(owner)
        self.queue = slot_queue.reclaim(self.queue, [lease] if lease else [])
        self.sure.pop(owner, None)

    @rule(seconds=st.sampled_from([1, POLL, PATIENCE, LEASE // 2, LEASE]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @invariant()
    def holds(self) -> None:
        check(self.queue, self.slots)
        relied_on = {owner for owner, until in self.sure.items() if until > self.now}
        assert relied_on <= {lease.owner for lease in self.queue.holders}

    def teardown(self) -> None:
        if not hasattr(self, "queue"):
            return
        later = self.now + LEASE + PATIENCE
        assert ask(self.queue, "late/1", later, self.slots).done, "a slot is lost for ever"
        self.everybody_is_served(later)

    def everybody_is_served(self, now: int) -> None:
        """Without crashes, every run that keeps asking trains after a bounded number of rounds."""
        queue, left = SlotQueue(served=self.queue.served), list(RUNS)
        for round_ in range(len(RUNS)):
            served = []
            for owner in left:
                change = ask(queue, owner, now + round_ * POLL, self.slots)
                queue = change.queue
                served += [owner] if change.done else []
            assert len(served) >= min(1, len(left))
            for owner in served:
                left.remove(owner)
                queue = slot_queue.release(queue, owner).queue
        assert left == []


def check(queue: SlotQueue, slots: int) -> None:
    """What is true of every queue."""
    holders = [lease.owner for lease in queue.holders]
    waiters = [waiter.owner for waiter in queue.waiters]
    assert len(holders) <= slots
    assert len({*holders, *waiters}) == len(holders) + len(waiters), "an owner is there twice"
    assert sorted(turn(queue)) == sorted(waiters)


def check_grant(before: SlotQueue, owner: str, slots: int, now: int) -> None:
    """Enough slots are left over for everybody who has a better claim; told without the order itself."""
    mine = use_case_of(owner)
    held = Counter(use_case_of(lease.owner) for lease in before.holders)
    waiting = [waiter for waiter in before.waiters if waiter.owner != owner]
    since = next((waiter.since for waiter in before.waiters if waiter.owner == owner), now)
    better = Counter(use_case_of(waiter.owner) for waiter in waiting)
    claims = sum(
        min(count, max(0, held[mine] - held[use_case]))
        for use_case, count in better.items()
        if use_case != mine
    )
    claims += sum((w.since, w.owner) < (since, owner) for w in waiting if use_case_of(w.owner) == mine)
    assert slots - len(before.holders) > claims, f"{owner} went before others: {before}"


def test_no_order_of_events_breaks_the_rules() -> None:
    few = settings(max_examples=200, stateful_step_count=40, deadline=None)
    run_state_machine_as_test(Events, settings=few)  # type: ignore[no-untyped-call]
