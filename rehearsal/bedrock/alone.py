"""`python -m rehearsal.bedrock.alone [FILE...]`: the simulated runtime on a loopback port, for commands that need a
judge or a base model.

Prints the port as the first line of its output and ends when its standard input is closed, so that it never
outlives the process that started it. It knows the prompts of the files; without files only judges answer sensibly.
"""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from rehearsal.bedrock.port import Scope, StoredObject
from rehearsal.bedrock.service import Bedrock, Endpoint

LOOPBACK: Final = "127.0.0.1"
MAX_BODY_BYTES: Final = 25_000_000  # of a request; the service's own limit for Converse is of that order


class AlonePort:
    """Implements `rehearsal.bedrock.port.Port` without an emulator: files for objects, no roles, no events."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files

    def scope(self) -> Scope:
        return Scope("000000000000", "us-east-1")

    def wait_scale(self) -> float:
        return 0.0

    def clients(
        self, scope: Scope, role_arn: str, source_arn: str, session_name: str
    ) -> Callable[[str], Any]:
        raise PermissionError("there are no roles outside of the emulator")

    def caller_clients(self, scope: Scope, access_key: str, session_name: str) -> Callable[[str], Any]:
        raise PermissionError("there are no roles outside of the emulator")

    def refusal(self, scope: Scope, access_key: str, action: str, resource: str) -> str | None:
        return None

    def put_event(self, scope: Scope, detail_type: str, detail: dict[str, Any]) -> None:
        """Nobody listens."""

    def put_object(self, scope: Scope, bucket: str, key: str, data: bytes) -> None:
        """Logging cannot be configured here, so nothing is written."""

    def jsonl_objects(self) -> Iterator[StoredObject]:
        for path in self._files:
            yield StoredObject("", str(path), str(path.stat().st_mtime_ns), path.read_bytes)


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the server's endpoint."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for the client's delayed acknowledgement
    wbufsize = -1
    server: "LoopbackServer"

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if size > MAX_BODY_BYTES:
            self.close_connection = True
            self.send_error(413)
            return
        url = urlsplit(self.path)
        status, headers, body = self.server.endpoint.answer(
            "POST", url.path, self.rfile.read(size), parse_qs(url.query)
        )
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        """Requests are not logged: they hold answers."""


class LoopbackServer(ThreadingHTTPServer):
    """The runtime of a Bedrock of its own, on a free port of the loopback address."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, files: Sequence[Path] = ()) -> None:
        bedrock = Bedrock(AlonePort(files))
        self.endpoint = Endpoint("bedrock-runtime", bedrock, bedrock.runtime_operations)
        super().__init__((LOOPBACK, 0), Handler)


def main() -> None:
    """Serve until standard input is closed."""
    server = LoopbackServer([Path(name) for name in sys.argv[1:]])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()
    server.shutdown()


if __name__ == "__main__":
    main()
