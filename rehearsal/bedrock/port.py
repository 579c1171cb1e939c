"""What the simulated Bedrock needs of the emulator it runs in; tests give it a fake."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose resources a request sees."""

    account: str
    region: str


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One JSONL object in the emulator's S3; `read` returns its bytes."""

    bucket: str
    key: str
    etag: str
    read: Callable[[], bytes]


class Port(Protocol):
    """The emulator, as the simulated Bedrock sees it."""

    def scope(self) -> Scope:
        """Account and region of the request being handled."""

    def wait_scale(self) -> float:
        """Real seconds for one simulated second."""

    def clients(
        self, scope: Scope, role_arn: str, source_arn: str, session_name: str
    ) -> Callable[[str], Any]:
        """Assume the job role as Bedrock does and return a factory of botocore clients that use it.

        Raises:
            PermissionError: saying why the role cannot be assumed.
        """

    def caller_clients(self, scope: Scope, access_key: str, session_name: str) -> Callable[[str], Any]:
        """A factory of botocore clients that act as whoever signed a request with this key."""

    def refusal(self, scope: Scope, access_key: str, action: str, resource: str) -> str | None:
        """Why the holder of a key may not do something; None when it may."""

    def put_event(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None:
        """Send an event with source aws.bedrock to the default bus."""

    def put_object(self, scope: Scope, bucket: str, key: str, data: bytes) -> None:
        """Write an object as the service itself, as for its logs."""

    def jsonl_objects(self) -> Iterator[StoredObject]:
        """Every object whose key ends in .jsonl, in any bucket."""
