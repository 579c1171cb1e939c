"""The training slot: one holder, a lease that ends, an order of arrival."""

from concurrent.futures import ThreadPoolExecutor

from rft.runs.slot import TrainingSlot
from tests.unit.run_world import World


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def slot(world: World, owner: str, clock: Clock) -> TrainingSlot:
    return TrainingSlot(world.table, "SLOT#test", owner, lease_seconds=600, clock=clock)


def test_of_many_at_once_exactly_one_gets_the_slot(world: World) -> None:
    clock = Clock()
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda n: slot(world, f"run-{n}", clock).acquire(60), range(10)))
    assert sum(answer.acquired for answer in answers) <= 1
    clock.now += 60
    again = [slot(world, f"run-{n}", clock).acquire(60) for n in range(10)]
    assert sum(answer.acquired for answer in again) == 1


def test_the_longest_waiting_gets_it_next(world: World) -> None:
    clock = Clock()
    first, second, third = (slot(world, name, clock) for name in ("zoe", "yan", "abe"))
    assert first.acquire(60).acquired
    for waiter in (second, third):
        clock.now += 10
        assert not waiter.acquire(60).acquired
    first.release()
    assert not third.acquire(60).acquired
    clock.now += 20
    answer = second.acquire(60)
    assert answer.acquired
    assert answer.waited_seconds == 30


def test_a_waiter_that_died_holds_up_nobody_for_long(world: World) -> None:
    clock = Clock()
    holder, dead, alive = (slot(world, name, clock) for name in ("a", "b", "c"))
    holder.acquire(60)
    dead.acquire(60)
    clock.now += 1
    alive.acquire(60)
    holder.release()
    assert not alive.acquire(60).acquired
    clock.now += 200
    assert alive.acquire(60).acquired


def test_a_lease_expires_unless_it_is_renewed(world: World) -> None:
    clock = Clock()
    holder, other = slot(world, "a", clock), slot(world, "b", clock)
    holder.acquire(60)
    clock.now += 500
    assert holder.renew()
    clock.now += 500
    assert not other.acquire(60).acquired
    clock.now += 101
    assert other.acquire(60).acquired
    assert not holder.renew()
    assert not holder.release()
    assert other.renew()


def test_acquiring_again_is_harmless(world: World) -> None:
    clock = Clock()
    holder = slot(world, "a", clock)
    assert holder.acquire(60).acquired
    assert holder.acquire(60).acquired
    assert holder.release()
    assert not holder.release()
