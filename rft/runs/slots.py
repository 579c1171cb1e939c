"""The training slots of an environment in DynamoDB: one item, `SLOT#<environment>` / `SLOT`.

The rules are those of `rft/runs/slot_queue.py`. Every change reads the item, makes a new one and writes it whole
on the condition that its `version` is still the one read; whoever loses reads again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom
from typing import Final

from rft import aws
from rft.runs import slot_queue
from rft.runs.items import from_item, to_item
from rft.runs.slot_queue import Change, Lease, SlotQueue
from rft.settings import Workflow

SORT_KEY: Final = "SLOT"
POLLS_UNTIL_LEFT: Final = 3  # a waiter that missed so many polls has left the queue
ATTEMPTS: Final = 12
FIRST_PAUSE_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 2.0
VERSION: Final = "version"

Step = Callable[[SlotQueue, int], Change]


@dataclass(frozen=True, slots=True)
class SlotAnswer:
    """Whether we have a slot; otherwise who has them, our place in the queue from 1, and how long we have waited."""

    acquired: bool
    holders: tuple[str, ...]
    place: int
    waited_seconds: int


class TrainingSlots:
    """The slots of one environment as one run sees them. `owner` is "<use case>/<run id>"."""

    def __init__(
        self,
        table: str,
        key: str,
        owner: str,
        execution: str,
        workflow: Workflow,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table, self._key, self._owner, self._execution = table, key, owner, execution
        self._workflow, self._clock, self._sleep = workflow, clock, sleep

    def acquire(self) -> SlotAnswer:
        """Take a slot when one is free and it is our turn; otherwise keep our place in the queue.

        When all are taken, those of executions that are over are freed first.

        Raises:
            ThrottlingException: when others write again and again; nothing was changed.
        """
        slots = self._count()
        change = self._change(lambda queue, now: self._acquire(queue, now, slots))
        if not change.done and (dead := self._dead(change.queue, slots)):
            change = self._change(
                lambda queue, now: self._acquire(slot_queue.reclaim(queue, dead), now, slots)
            )
        holders = tuple(lease.owner for lease in change.queue.holders)
        waits_since = [waiter.since for waiter in change.queue.waiters if waiter.owner == self._owner]
        waited = int(self._clock()) - waits_since[0] if waits_since else 0
        return SlotAnswer(change.done, holders, change.queue.place(self._owner), waited)

    def renew(self) -> bool:
        """Begin our lease anew; False when the slot is not ours any more. Raises as `acquire`."""
        lease = self._workflow.slot_lease_seconds
        return self._change(
            lambda queue, now: slot_queue.renew(
                queue, self._owner, self._execution, now=now, lease_seconds=lease
            )
        ).done

    def retake(self) -> bool:
        """Take a free slot ahead of the queue, for a job that runs without one. Raises as `acquire`."""
        return self._change(
            lambda queue, now: slot_queue.retake(
                queue,
                self._owner,
                self._execution,
                now=now,
                slots=self._workflow.training_slots,
                lease_seconds=self._workflow.slot_lease_seconds,
            )
        ).done

    def release(self) -> bool:
        """Give our slot back and leave the queue; False when we had none, which is no error. Raises as `acquire`."""
        return self._change(lambda queue, _: slot_queue.release(queue, self._owner)).done

    def _acquire(self, queue: SlotQueue, now: int, slots: int) -> Change:
        return slot_queue.acquire(
            queue,
            self._owner,
            self._execution,
            now=now,
            slots=slots,
            lease_seconds=self._workflow.slot_lease_seconds,
            patience=POLLS_UNTIL_LEFT * self._workflow.slot_poll_seconds,
        )

    def _count(self) -> int:
        """The setting, or the account's quota where that is smaller; never below 1, so that Bedrock refuses, not we."""
        code = self._workflow.training_slots_quota_code
        quota = aws.applied_quota("bedrock", code) if code else None
        configured = self._workflow.training_slots
        return configured if quota is None else max(1, min(configured, quota))

    def _dead(self, queue: SlotQueue, slots: int) -> list[Lease]:
        if len(queue.holders) < slots:
            return []
        return [lease for lease in queue.holders if not aws.execution_may_run(lease.execution)]

    def _change(self, step: Step) -> Change:
        for attempt in range(ATTEMPTS):
            queue, version = _read(self._table, self._key)
            change = step(queue, int(self._clock()))
            if change.queue == queue or _write(self._table, self._key, change.queue, version):
                return change
            longest = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)
            self._sleep(SystemRandom().uniform(0, longest))
        raise aws.ThrottlingException(
            f"item {self._key} of table {self._table} was written by others {ATTEMPTS} times in a row; try again"
        )


def read(table: str, key: str, now: float) -> SlotQueue:
    """The slots and the queue as they are at `now` (Unix seconds)."""
    queue, _ = _read(table, key)
    return slot_queue.expire(queue, int(now))


def _item_key(key: str) -> dict[str, dict[str, str]]:
    return {"pk": {"S": key}, "sk": {"S": SORT_KEY}}


def _read(table: str, key: str) -> tuple[SlotQueue, int]:
    answer = aws.client("dynamodb").get_item(TableName=table, Key=_item_key(key), ConsistentRead=True)
    item = from_item(answer.get("Item", {}))
    return SlotQueue.model_validate(item), int(item.get(VERSION, 0))


def _write(table: str, key: str, queue: SlotQueue, version: int) -> bool:
    document = {**queue.model_dump(mode="json"), VERSION: version + 1}
    unchanged = f"#{VERSION} = :read" if version else f"attribute_not_exists(#{VERSION})"
    values = {f":{name}": value for name, value in document.items()} | ({":read": version} if version else {})
    try:
        aws.client("dynamodb").update_item(
            TableName=table,
            Key=_item_key(key),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in document),
            ConditionExpression=unchanged,
            ExpressionAttributeNames={f"#{name}": name for name in document},
            ExpressionAttributeValues=to_item(values),
        )
    except Exception as error:
        if aws.code_of(error) == "ConditionalCheckFailedException":
            return False
        raise
    return True
