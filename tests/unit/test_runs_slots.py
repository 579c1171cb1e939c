"""The training slots in the table: several runs at once, quotas, dead executions."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from rft import aws
from rft.runs import slots
from rft.runs.slots import TrainingSlots
from rft.settings import Workflow
from tests.unit.interleaving import Interleaved
from tests.unit.run_world import World

KEY = "SLOT#test"
QUOTA = "L-0406044C"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dead(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """ARNs of executions that are over; all others run."""
    over: set[str] = set()
    monkeypatch.setattr(aws, "execution_is_running", lambda arn: arn not in over)
    return over


def run(world: World, owner: str, clock: Clock, **workflow: Any) -> TrainingSlots:
    made = Workflow(watch_interval_seconds=600, slot_lease_seconds=1200, slot_poll_seconds=60, **workflow)
    return TrainingSlots(
        world.table, KEY, owner, f"arn:{owner}", made, clock=clock, sleep=lambda seconds: None
    )


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.usefixtures("dead")
def test_of_many_at_once_exactly_as_many_as_there_are_get_a_slot(world: World, count: int) -> None:
    clock = Clock()
    runs = [run(world, f"shop/{number}", clock, training_slots=count) for number in range(8)]
    for slot in runs:
        slot._sleep = slots.time.sleep  # real writers at the same time
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda slot: slot.acquire(), runs))
    assert sum(answer.acquired for answer in answers) == count
    queue = slots.read(world.table, KEY, clock.now)
    assert (len(queue.holders), len(queue.waiters), queue.slots) == (count, 8 - count, count)


@pytest.mark.usefixtures("dead")
def test_the_longest_waiting_gets_it_next_and_is_told_its_place(world: World, clock: Clock) -> None:
    first, second, third = (run(world, f"shop/{name}", clock) for name in ("zoe", "yan", "abe"))
    assert first.acquire().acquired
    clock.now += 10
    assert second.acquire().place == 1
    clock.now += 10
    assert third.acquire().place == 2
    first.release()
    answer = third.acquire()
    assert (answer.acquired, answer.holders, answer.place) == (False, (), 2)
    clock.now += 20
    waited = third.acquire().waited_seconds
    assert (second.acquire().acquired, waited) == (True, 20)


@pytest.mark.usefixtures("dead")
def test_a_lease_expires_unless_it_is_renewed(world: World, clock: Clock) -> None:
    holder, other = run(world, "shop/a", clock), run(world, "shop/b", clock)
    holder.acquire()
    clock.now += 1000
    assert holder.renew()
    clock.now += 1000
    assert not other.acquire().acquired
    clock.now += 201
    assert other.acquire().acquired
    assert not holder.renew()
    assert not holder.release()
    assert not holder.retake()
    assert other.release()
    assert holder.retake()
    assert holder.renew()


def test_the_slot_of_an_execution_that_is_over_is_free_at_once(
    world: World, clock: Clock, dead: set[str]
) -> None:
    one, two, third = (run(world, f"shop/{name}", clock, training_slots=2) for name in "abc")
    assert one.acquire().acquired
    assert two.acquire().acquired
    assert not third.acquire().acquired
    dead.add("arn:shop/b")
    assert third.acquire().acquired
    assert one.renew()
    assert not two.renew()


def test_who_asks_first_frees_a_dead_run_s_slot_for_whose_turn_it_is(
    world: World, clock: Clock, dead: set[str]
) -> None:
    holder, first, second = (run(world, f"shop/{name}", clock) for name in "abc")
    for slot in (holder, first, second):
        slot.acquire()
        clock.now += 1
    dead.add("arn:shop/a")
    answer = second.acquire()
    assert (answer.acquired, answer.holders) == (False, ())
    assert first.acquire().acquired


def test_an_execution_that_may_not_be_looked_at_counts_as_running(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(arn: str) -> bool:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": arn}}, "DescribeExecution")

    monkeypatch.setattr(aws, "execution_is_running", refuse)
    run(world, "shop/a", clock).acquire()
    assert not run(world, "shop/b", clock).acquire().acquired


class Quotas:
    def __init__(self, answer: float | Exception | None) -> None:
        self.answer, self.asked = answer, list[dict[str, str]]()

    def get_service_quota(self, **members: str) -> dict[str, Any]:
        self.asked.append(members)
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"Quota": {} if self.answer is None else {"Value": self.answer}}


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetServiceQuota")


@pytest.mark.parametrize(
    ("answer", "slots_there_are"),
    [
        (2.0, 2),
        (10.0, 3),
        (0.0, 1),
        (None, 3),
        (refused("AccessDeniedException"), 3),
        (refused("NoSuchResourceException"), 3),
        (EndpointConnectionError(endpoint_url="https://servicequotas"), 3),
    ],
)
@pytest.mark.usefixtures("dead")
def test_the_smaller_of_setting_and_quota_counts_and_an_unknown_quota_does_not(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch, answer: Any, slots_there_are: int
) -> None:
    quotas, real = Quotas(answer), aws.client
    monkeypatch.setattr(aws, "client", lambda name: quotas if name == "service-quotas" else real(name))
    workflow = {"training_slots": 3, "training_slots_quota_code": QUOTA}
    taken = [run(world, f"shop/{number}", clock, **workflow).acquire().acquired for number in range(4)]
    assert taken.count(True) == slots_there_are
    assert quotas.asked[0] == {"ServiceCode": "bedrock", "QuotaCode": QUOTA}
    assert run(world, "shop/0", clock, **workflow).renew()  # asks for no quota: watch_training may not
    assert len(quotas.asked) == 4


def test_the_quota_is_not_read_unless_a_code_is_set(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "applied_quota", lambda *_: pytest.fail("asked"))
    assert run(world, "shop/a", clock).acquire().acquired


def test_two_changes_at_once_are_both_kept(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Interleaved(aws.client("dynamodb"))
    monkeypatch.setattr(aws, "client", lambda _: table)
    one, two = (run(world, f"shop/{name}", clock, training_slots=2) for name in "ab")
    table.after_read = [lambda: None if two.acquire().acquired else pytest.fail("no slot")]
    assert one.acquire().acquired
    assert {lease.owner for lease in slots.read(world.table, KEY, clock.now).holders} == {"shop/a", "shop/b"}


def test_endless_contention_is_an_error_that_the_workflow_tries_again(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    slot = run(world, "shop/a", clock)
    slot._sleep = pauses.append
    monkeypatch.setattr(slots, "_write", lambda *_: False)
    with pytest.raises(aws.ThrottlingException, match=r"written by others 12 times in a row"):
        slot.acquire()
    assert len(pauses) == slots.ATTEMPTS
    assert all(0 <= pause <= slots.LONGEST_PAUSE_SECONDS for pause in pauses)


def test_what_an_earlier_version_left_in_the_item_is_no_holder(world: World, clock: Clock) -> None:
    old = {"pk": {"S": KEY}, "sk": {"S": "SLOT"}, "owner": {"S": "shop/a"}, "lease_expires": {"N": "9999999"}}
    aws.client("dynamodb").put_item(TableName=world.table, Item={**old, "queue": {"M": {}}})
    holder = run(world, "shop/a", clock)
    assert not holder.renew()
    assert holder.retake()
