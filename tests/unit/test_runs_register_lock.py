"""Who owns a run: random interleavings of executions that register the same one, die, abort and finish."""

import itertools
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from rft import aws
from rft.errors import RunNotFound
from rft.runs import store
from rft.runs.record import RunRecord, Status
from rft.runs.store import RunStore
from tests.unit.interleaving import Fault, Interleaved, ProcessDiedError
from tests.unit.run_world import USE_CASE, World
from tests.unit.test_runs import record

GOOD = (Status.SUCCEEDED, Status.HELD)
_examples = itertools.count()
acts = st.sampled_from(["register", "register", "retry", "succeed", "hold", "fail", "die", "compensate"])


@dataclass
class Execution:
    """What an execution is up to: it registers, and if it owns the run, works, and records an end before its own."""

    alive: bool = True
    owner: bool = False
    answered: bool = False
    ending: Status | None = None  # it does nothing more but record this end

    @property
    def works(self) -> bool:
        return self.alive and self.owner and self.ending is None


class Executions(RuleBasedStateMachine):
    """Executions of one upload that arrived several times."""

    def __init__(self, table: str, client: Interleaved) -> None:
        super().__init__()
        self.store, self.client = RunStore(table, USE_CASE), client
        self.run_id = f"run-{next(_examples)}"
        self.all: dict[str, Execution] = {}
        self.good_end: Status | None = None
        self.last_owner = self.last_asker = self.begin()
        client.after_read, client.fault = [], None

    def begin(self) -> str:
        arn = f"arn:execution-{len(self.all)}"
        self.all[arn] = Execution()
        return arn

    def offer(self, arn: str) -> RunRecord:
        return record(run_id=self.run_id, use_case=USE_CASE, execution_arn=arn)

    def is_running(self, arn: str) -> bool:
        return self.all[arn].alive

    @rule(
        first=acts,
        meanwhile=st.lists(acts, max_size=3),
        fault=st.sampled_from([None, None, "before", "after"]),
    )
    def overtaken(self, first: str, meanwhile: list[str], fault: Fault | None) -> None:
        """`first` acts; all the others act after what it reads first and before what it does then."""
        self.client.after_read, self.client.fault = [lambda: [self.act(name) for name in meanwhile]], fault
        self.act(first)
        self.client.after_read, self.client.fault = [], None

    def act(self, name: str) -> None:
        """A new execution registers, the last one tries again, or the last owner does or suffers something."""
        if name == "register":
            self.last_asker = self.begin()
        arn = self.last_asker if name in {"register", "retry"} else self.last_owner
        getattr(self, "_register" if name == "retry" else f"_{name}")(arn, self.all[arn])

    def _register(self, arn: str, execution: Execution) -> None:
        if not execution.alive or execution.answered:
            return
        ended_before = self.good_end
        try:
            answer = self.store.register(self.offer(arn), self.is_running)
        except ProcessDiedError:
            return  # Step Functions tries again while the execution lives
        execution.answered = True
        execution.owner = not answer.duplicate and execution.alive
        if not answer.duplicate:
            self.last_owner = arn
        execution.alive = execution.owner  # a duplicate ends at once
        assert answer.duplicate or ended_before is None, "a run with a good end was taken again"

    def _succeed(self, arn: str, execution: Execution) -> None:
        self._finish(arn, execution, Status.SUCCEEDED)

    def _hold(self, arn: str, execution: Execution) -> None:
        self._finish(arn, execution, Status.HELD)

    def _fail(self, arn: str, execution: Execution) -> None:
        self._finish(arn, execution, Status.FAILED)

    def _finish(self, arn: str, execution: Execution, status: Status) -> None:
        if not (execution.alive and execution.owner):
            return
        execution.ending = execution.ending or status
        try:
            self.store.finish(self.run_id, execution.ending, None, arn)
        except ProcessDiedError:
            return  # Step Functions tries again while the execution lives
        execution.alive = False
        held = self.store.get(self.run_id)
        if held.execution_arn == arn and held.status in GOOD:
            self.good_end = held.status

    def _die(self, arn: str, execution: Execution) -> None:
        execution.alive = execution.owner = False

    def _compensate(self, arn: str, execution: Execution) -> None:
        """The rule on aborted executions, as lambda/compensate does it: look, then close the record."""
        if execution.alive or not execution.answered:
            return
        try:
            found = self.store.get(self.run_id)
            if found.execution_arn == arn and found.status is Status.RUNNING:
                self.store.finish(self.run_id, Status.FAILED, None, arn)
        except (ProcessDiedError, RunNotFound):
            return

    @invariant()
    def at_most_one_owner(self) -> None:
        workers = [arn for arn, execution in self.all.items() if execution.works]
        assert len(workers) <= 1
        if workers:
            held = self.store.get(self.run_id)
            assert (held.execution_arn, held.status) == (workers[0], Status.RUNNING)
        if self.good_end:
            assert self.store.get(self.run_id).status is self.good_end

    def teardown(self) -> None:
        """A new execution takes over a run that failed or whose execution died, and no other."""
        try:
            held = self.store.get(self.run_id)
        except RunNotFound:
            return
        free = held.status is Status.FAILED or (
            held.status is Status.RUNNING and not self.is_running(held.execution_arn)
        )
        attempt = held.attempt
        answer = self.store.register(self.offer("arn:late"), self.is_running)
        assert answer.duplicate is not free
        assert self.store.get(self.run_id).attempt == attempt + free


def test_no_interleaving_gives_a_run_two_owners(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Interleaved(aws.client("dynamodb"))
    monkeypatch.setattr(store, "client", lambda _: client)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: Executions(world.table, client),
        settings=settings(max_examples=80, stateful_step_count=15, deadline=None),
    )


def test_a_run_that_succeeds_while_another_execution_looks_is_not_trained_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Interleaved(aws.client("dynamodb"))
    monkeypatch.setattr(store, "client", lambda _: client)
    runs = world.store
    first = record(use_case=USE_CASE, execution_arn="arn:first")
    runs.register(first, lambda _: True)
    client.after_read = [lambda: runs.finish(first.run_id, Status.SUCCEEDED, None, "arn:first")]
    second = first.model_copy(update={"execution_arn": "arn:second"})
    assert runs.register(second, lambda _: False).duplicate
    assert runs.get(first.run_id).status is Status.SUCCEEDED


def test_the_late_end_of_an_execution_closes_no_later_attempt(world: World) -> None:
    first = record(use_case=USE_CASE, execution_arn="arn:first")
    world.store.register(first, lambda _: True)
    world.store.register(first.model_copy(update={"execution_arn": "arn:second"}), lambda _: False)
    world.store.finish(first.run_id, Status.FAILED, None, "arn:first")
    assert world.store.get(first.run_id).status is Status.RUNNING
