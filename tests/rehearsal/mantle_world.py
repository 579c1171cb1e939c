"""A simulated OpenAI-compatible endpoint on a loopback port, for the real client and plain HTTP."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

from rehearsal.bedrock.mantle.wire import MantleError, Request, access_key, failure
from rehearsal.bedrock.port import Scope
from rehearsal.bedrock.service import Bedrock
from tests.rehearsal.bedrock_world import FakePort, jsonl, math_rows

ACCOUNT, REGION = "123456789012", "us-west-2"
BASE = "openai.gpt-oss-20b"
REWARD = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rft-reward:3"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        world = cast("_Server", self.server).world
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(
            self.command, url.path.removeprefix("/v1"), headers, body, dict(parse_qsl(url.query))
        )
        world.requests.append(request)
        if world.fails:
            status, answer = world.fails.pop(0), b'{"error": {"message": "injected"}}'
            found: dict[str, str] = {}
        else:
            try:
                key, by_token = access_key(headers)
                status, found, answer = world.mantle.handle(request, world.port.where, key, by_token)
            except MantleError as error:
                status, found, answer = failure(error)
        self.send_response(status)
        for name, value in found.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    world: "MantleWorld"


class MantleWorld:
    """The endpoint with 120 problems in the emulator's S3; `fails` holds statuses that the next requests get."""

    def __init__(self, faults: dict[str, Any] | None = None) -> None:
        self.port = FakePort()
        self.port.where = Scope(ACCOUNT, REGION)
        self.mantle = Bedrock(self.port, faults).mantle
        self.requests: list[Request] = []
        self.fails: list[int] = []
        self.port.s3.objects["artifacts", "run/train.jsonl"] = self.train = jsonl(math_rows(120)) + b"\n"
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.world = self
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self.mantle.clear()
        self._server.shutdown()
        self._server.server_close()

    def sent(self, method: str, path: str) -> int:
        return sum(request.method == method and request.path == path for request in self.requests)

    def wait(self, identity: str, *statuses: str) -> Any:
        """The job once it has one of the statuses, or is over."""
        job = self.mantle.store.jobs[identity]
        for _ in range(3000):
            if job.status in statuses or (not statuses and job.is_over):
                return job
            time.sleep(0.01)
        raise AssertionError(f"job still {job.status}")
