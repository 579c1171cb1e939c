"""The environment's training slot: one training at a time, with a lease, first come first served.

One item, `SLOT#<environment>` / `SLOT`. Whoever waits leaves its arrival in `queue`; a free slot goes to the
one that has waited longest among those seen lately, so a waiter that died holds up nobody for long. All times
are Unix seconds.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from rft.aws import client, code_of
from rft.runs.items import from_item, to_item

SORT_KEY: Final = "SLOT"
SEEN_LATELY_POLLS: Final = 3  # a waiter that missed so many polls has left the queue


@dataclass(frozen=True, slots=True)
class SlotAnswer:
    """Whether the slot is ours, who holds it otherwise, and how long we have waited."""

    acquired: bool
    holder: str
    waited_seconds: int


class TrainingSlot:
    """The slot of one environment as one run sees it. `owner` is the run id with its use case."""

    def __init__(
        self, table: str, key: str, owner: str, *, lease_seconds: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._table, self._key, self._owner = table, {"pk": {"S": key}, "sk": {"S": SORT_KEY}}, owner
        self._lease_seconds, self._clock = lease_seconds, clock

    def acquire(self, poll_seconds: int) -> SlotAnswer:
        """Take the slot when it is free and our turn; otherwise keep our place in the queue."""
        now = int(self._clock())
        item = self._read()
        queue = item.get("queue", {})
        since = int(queue.get(self._owner, {}).get("since", now))
        lately = now - SEEN_LATELY_POLLS * poll_seconds
        ahead = [
            entry["since"]
            for owner, entry in queue.items()
            if owner != self._owner
            and entry["seen"] >= lately
            and (entry["since"], owner) < (since, self._owner)
        ]
        holder = item.get("owner", "") if item.get("lease_expires", 0) > now else ""
        if (holder == self._owner or (not holder and not ahead)) and self._take(now):
            return SlotAnswer(True, self._owner, now - since)
        self._wait(since, now)
        return SlotAnswer(False, holder, now - since)

    def renew(self) -> bool:
        """Extend the lease; False when the slot is not ours any more."""
        now = int(self._clock())
        return self._write(
            "SET lease_expires = :expires",
            {":owner": self._owner, ":expires": now + self._lease_seconds},
            "#owner = :owner",
            {"#owner": "owner"},
        )

    def release(self) -> bool:
        """Give the slot back and leave the queue; False when it was not ours, which is no error."""
        left = {"#owner": "owner", "#queue": "queue", "#me": self._owner}
        self._write(
            "REMOVE #queue.#me", {}, "attribute_exists(#queue)", {"#queue": "queue", "#me": self._owner}
        )
        return self._write(
            "REMOVE #owner, lease_expires",
            {":owner": self._owner},
            "#owner = :owner",
            {"#owner": left["#owner"]},
        )

    def _take(self, now: int) -> bool:
        self._make()
        return self._write(
            "SET #owner = :owner, lease_expires = :expires REMOVE #queue.#me",
            {":owner": self._owner, ":expires": now + self._lease_seconds, ":now": now},
            "attribute_not_exists(#owner) OR #owner = :owner OR lease_expires <= :now",
            {"#owner": "owner", "#queue": "queue", "#me": self._owner},
        )

    def _wait(self, since: int, now: int) -> None:
        self._make()
        self._write(
            "SET #queue.#me = :entry",
            {":entry": {"since": since, "seen": now}},
            "attribute_exists(#queue)",
            {"#queue": "queue", "#me": self._owner},
        )

    def _make(self) -> None:
        self._write("SET #queue = :none", {":none": {}}, "attribute_not_exists(#queue)", {"#queue": "queue"})

    def _read(self) -> dict[str, Any]:
        answer = client("dynamodb").get_item(TableName=self._table, Key=self._key, ConsistentRead=True)
        return from_item(answer.get("Item", {}))

    def _write(self, expression: str, values: dict[str, Any], condition: str, names: dict[str, str]) -> bool:
        members: dict[str, Any] = {"ExpressionAttributeValues": to_item(values)} if values else {}
        try:
            client("dynamodb").update_item(
                TableName=self._table,
                Key=self._key,
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeNames=names,
                **members,
            )
        except Exception as error:
            if code_of(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True
