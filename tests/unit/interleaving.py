"""A DynamoDB client that lets others act between a read and what follows it, and that breaks at a chosen write."""

from collections.abc import Callable
from typing import Any, Literal

Fault = Literal["before", "after"]


class ProcessDiedError(Exception):
    """The process that made the call is gone, right before or right after the table took its write."""


class Interleaved:
    """In front of a real client. What is put into `after_read` happens once, in turn, after the next reads."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.after_read: list[Callable[[], object]] = []
        self.fault: Fault | None = None
        self.committed: Callable[[dict[str, Any], dict[str, Any]], None] | None = None

    def get_item(self, **members: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.real.get_item(**members)
        if self.after_read:
            self.after_read.pop(0)()
        return answer

    def update_item(self, **members: Any) -> dict[str, Any]:
        return self._write(self.real.update_item, members, members["Key"])

    def put_item(self, **members: Any) -> dict[str, Any]:
        key = {name: members["Item"][name] for name in ("pk", "sk")}
        return self._write(self.real.put_item, members, key)

    def _write(self, call: Callable[..., Any], members: dict[str, Any], key: Any) -> dict[str, Any]:
        fault, self.fault = self.fault, None
        if fault == "before":
            raise ProcessDiedError
        before = self._item(members, key)
        answer: dict[str, Any] = call(**members)
        if self.committed:
            self.committed(before, self._item(members, key))
        if fault == "after":
            raise ProcessDiedError
        return answer

    def _item(self, members: dict[str, Any], key: Any) -> dict[str, Any]:
        if self.committed is None:
            return {}
        found = self.real.get_item(TableName=members["TableName"], Key=key, ConsistentRead=True)
        item: dict[str, Any] = found.get("Item", {})
        return item
