"""Random interleavings of runs on the slots in the table: reads overtaken by writes, crashes around a write."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from rft import aws
from rft.runs import slots
from rft.runs.items import from_item
from rft.runs.slot_queue import SlotQueue, expire
from rft.runs.slots import TrainingSlots
from rft.settings import Workflow
from tests.unit.interleaving import Fault, Interleaved, ProcessDiedError
from tests.unit.run_world import World
from tests.unit.test_runs_slot_queue import check, check_grant

LEASE, POLL = 1200, 60
RUNS = [f"{use_case}/{number}" for use_case in ("maths", "shop", "sql") for number in (1, 2)]
_examples = itertools.count()
Act = tuple[str, str]
acts = st.tuples(st.sampled_from(["acquire", "renew", "release"]), st.sampled_from(RUNS))


class Runs(RuleBasedStateMachine):
    """Runs of three use cases; a run that crashed comes back as another execution."""

    def __init__(self, table: str, client: Interleaved, dead: set[str]) -> None:
        super().__init__()
        self.table, self.client, self.dead = table, client, dead
        self.key, self.now, self.slots = f"SLOT#{next(_examples)}", 1000, 1
        self.attempts = dict.fromkeys(RUNS, 1)
        self.sure: dict[str, int] = {}  # until when a run may rely on its slot
        self.dead.clear()
        self.client.after_read, self.client.fault = [], None
        self.client.committed = self.committed

    @initialize(count=st.integers(1, 3))
    def begin(self, count: int) -> None:
        self.slots = count

    def execution(self, owner: str) -> str:
        return f"arn:{self.key}:{owner}:{self.attempts[owner]}"

    def of(self, owner: str) -> TrainingSlots:
        workflow = Workflow(
            watch_interval_seconds=600,
            slot_lease_seconds=LEASE,
            slot_poll_seconds=POLL,
            training_slots=self.slots,
        )
        return TrainingSlots(
            self.table,
            self.key,
            owner,
            self.execution(owner),
            workflow,
            clock=lambda: self.now,
            sleep=lambda seconds: None,
        )

    @rule(first=acts, meanwhile=st.lists(acts, max_size=3), fault=st.sampled_from([None, "before", "after"]))
    def overtaken(self, first: Act, meanwhile: list[Act], fault: Fault | None) -> None:
        """`first` acts; after its read the next acts, after that one's read the third, and so on."""
        busy = {first[1]}
        apart: list[Callable[[], None]] = []
        for name, owner in meanwhile:
            if owner not in busy:  # a run does one thing at a time
                busy.add(owner)
                apart.append(lambda name=name, owner=owner: self.act(name, owner))  # type: ignore[misc]
        self.client.after_read, self.client.fault = apart, fault
        self.act(*first)
        self.client.after_read, self.client.fault = [], None

    def act(self, name: str, owner: str) -> None:
        try:
            answer = getattr(self.of(owner), name)()
        except ProcessDiedError:
            self.sure.pop(owner, None)
            self.attempts[owner] += 1
            return
        relied = self.sure.pop(owner, 0) > self.now
        if name == "acquire":
            assert answer.acquired or not relied
        if name == "renew":
            assert answer or not relied
        if getattr(answer, "acquired", answer) and name != "release":
            self.sure[owner] = self.now + LEASE

    @rule(owner=st.sampled_from(RUNS))
    def its_execution_is_over(self, owner: str) -> None:
        self.dead.add(self.execution(owner))
        self.attempts[owner] += 1
        self.sure.pop(owner, None)

    @rule(seconds=st.sampled_from([1, POLL, 3 * POLL, LEASE // 2, LEASE]))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    def committed(self, before: dict[str, Any], after: dict[str, Any]) -> None:
        """Every write that the table took gives slots to nobody out of turn."""
        read, wrote = (SlotQueue.model_validate(from_item(item)) for item in (before, after))
        check(wrote, self.slots)
        owners = {lease.owner for lease in wrote.holders}
        kept = tuple(lease for lease in expire(read, self.now).holders if lease.owner in owners)
        for owner in owners - {lease.owner for lease in read.holders}:
            check_grant(
                expire(read, self.now).model_copy(update={"holders": kept}), owner, self.slots, self.now
            )

    @invariant()
    def holds(self) -> None:
        queue = slots.read(self.table, self.key, self.now)
        check(queue, self.slots)
        relied_on = {owner for owner, until in self.sure.items() if until > self.now}
        assert relied_on <= {lease.owner for lease in queue.holders}

    def teardown(self) -> None:
        self.client.committed = None
        self.attempts["late/1"] = 1
        if not self.of("late/1").acquire().acquired:  # runs that died are not waited for
            self.now += 3 * POLL
            self.dead |= {lease.execution for lease in slots.read(self.table, self.key, self.now).holders}
            assert self.of("late/1").acquire().acquired, "a slot is lost for ever"


def test_no_interleaving_breaks_the_rules(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client, dead = Interleaved(aws.client("dynamodb")), set[str]()
    monkeypatch.setattr(aws, "client", lambda _: client)
    monkeypatch.setattr(aws, "execution_is_running", lambda arn: arn not in dead)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Runs(world.table, client, dead),
        settings=settings(max_examples=60, stateful_step_count=20, deadline=None),
    )
