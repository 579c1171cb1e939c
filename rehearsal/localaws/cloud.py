"""A local AWS for the duration of a `with` block.

Runs in the project's own virtual environment and imports nothing of the emulator, which has its own: the two
pin different versions of botocore.
"""

import atexit
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import types
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import boto3
from botocore.config import Config

from rehearsal.localaws.server import MANTLE_PATH, MANTLE_VARIABLE, ROOT_SECRET

PROJECT_ROOT = Path(__file__).resolve().parents[2]
DEFAULT_ACCOUNT = "000000000000"
PYTHON_VARIABLE = "REHEARSAL_PYTHON"  # names another emulator interpreter than .venv-local's
LOG_TAIL_LINES = 30
STARTS = 3  # another process can take the free port between choosing it and listening on it


class LocalAwsError(RuntimeError):
    """The local AWS did not start or died; the message ends with the last lines of its log."""


class LocalAws:
    """An emulated AWS account on a free loopback port.

    `python` is the emulator's interpreter. `wait_scale` is the real duration of one second of Wait, Retry and
    job time. `environment` is handed to the server on top of what it needs; no name may begin with `AWS_`.
    Several instances may run at the same time.
    """

    def __init__(
        self,
        *,
        root: Path = PROJECT_ROOT,
        python: Path | None = None,
        account: str = DEFAULT_ACCOUNT,
        region: str = "us-east-1",
        wait_scale: float = 1.0,
        auth: bool = True,
        environment: Mapping[str, str] | None = None,
        log_path: Path | None = None,
        start_timeout_seconds: float = 60,
    ) -> None:
        self.root = root
        named = os.environ.get(PYTHON_VARIABLE)
        self.python = python or (Path(named) if named else root / ".venv-local" / "bin" / "python")
        self.account, self.region = account, region
        self.wait_scale, self._auth = wait_scale, auth
        self._environment = dict(environment or {})
        self._start_timeout_seconds = start_timeout_seconds
        self._wanted_log_path = log_path
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self.log_path = Path(os.devnull)
        self.port = 0

    @property
    def endpoint_url(self) -> str:
        """`http://127.0.0.1:<port>`."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it answers. Raises LocalAwsError."""
        if not self.python.exists():
            raise LocalAwsError(
                f"no emulator environment at {self.python}: create it with a Python 3.11 or newer and "
                "install rehearsal/requirements.txt into it"
            )
        atexit.register(self.stop)
        for attempt in range(1, STARTS + 1):
            self._spawn()
            try:
                self._wait_until_ready()
                return
            except LocalAwsError as error:
                self.stop()
                if attempt == STARTS or "already in use" not in str(error):
                    raise

    def stop(self) -> None:
        """End the server and every handler process, and remove the temporary folder. Safe to call twice."""
        atexit.unregister(self.stop)
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=30)
            if process.stdin is not None:
                process.stdin.close()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def environ(self, access_key: str | None = None) -> dict[str, str]:
        """Environment of a child process such as the CDK CLI: this one's without the host's AWS settings."""
        folder = self._folder or Path(tempfile.gettempdir())
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return inherited | {
            "AWS_ACCESS_KEY_ID": access_key or self.account,
            "AWS_CONFIG_FILE": str(folder / "no-config"),
            "AWS_DEFAULT_REGION": self.region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ENDPOINT_URL_S3": self.endpoint_url,
            MANTLE_VARIABLE: f"{self.endpoint_url}{MANTLE_PATH}",
            "AWS_REGION": self.region,
            "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
            "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-credentials"),
            "CDK_DEFAULT_ACCOUNT": self.account,
            "CDK_DEFAULT_REGION": self.region,
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def session(self, credentials: Mapping[str, str] | None = None) -> "LocalSession":
        """Clients of this account's root, or of `credentials` as STS returns them."""
        return LocalSession(self, credentials)

    def client(self, service_name: str) -> Any:
        """A boto3 client of this account's root."""
        return self.session().client(service_name)

    def set_wait_scale(self, scale: float) -> None:
        """Change the real duration of one second of Wait, Retry and job time, for what starts from now on."""
        request = urllib.request.Request(  # noqa: S310 - our own http endpoint
            f"{self.endpoint_url}/_ministack/config",
            data=json.dumps({"stepfunctions._SFN_WAIT_SCALE": scale}).encode(),
            method="POST",
        )
        with _direct().open(request, timeout=10):
            self.wait_scale = scale

    def log_tail(self, lines: int = LOG_TAIL_LINES) -> str:
        """The last lines of the server's log."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])
        return ""

    def _spawn(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="rehearsal-aws-"))
        self.log_path = self._wanted_log_path or self._folder / "server.log"
        self.port = _free_port()
        environment = {
            name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "TZ") if name in os.environ
        } | self._environment
        environment |= {"PYTHONPATH": str(self.root), "PYTHONUNBUFFERED": "1", "HOME": str(self._folder)}
        command = [str(self.python), "-m", "rehearsal.localaws.server", "--port", str(self.port)]
        command += ["--folder", str(self._folder), "--account", self.account, "--region", self.region]
        command += ["--wait-scale", str(self.wait_scale)] + ([] if self._auth else ["--no-auth"])
        with self.log_path.open("ab") as log, _uninterrupted():
            self._process = subprocess.Popen(  # noqa: S603 - no shell, arguments of our own
                command,
                cwd=self._folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self._start_timeout_seconds
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise LocalAwsError(f"the local AWS ended while starting; its log ends:\n{self.log_tail()}")
            with (
                contextlib.suppress(urllib.error.URLError, OSError),
                _direct().open(f"{self.endpoint_url}/_ministack/health", timeout=2),
            ):
                return
            time.sleep(0.05)
        raise LocalAwsError(
            f"the local AWS did not answer on {self.endpoint_url} within {self._start_timeout_seconds:g} s; "
            f"its log ends:\n{self.log_tail()}"
        )


class LocalSession:
    """What a boto3 Session is for AWS, bound to one LocalAws; ignores the host's configuration."""

    def __init__(self, local: LocalAws, credentials: Mapping[str, str] | None = None) -> None:
        self._local = local
        self._lock = threading.Lock()
        found = credentials or {"AccessKeyId": local.account, "SecretAccessKey": ROOT_SECRET}
        self._session = boto3.Session(
            aws_access_key_id=found["AccessKeyId"],
            aws_secret_access_key=found["SecretAccessKey"],
            aws_session_token=found.get("SessionToken"),
            region_name=local.region,
        )
        self.region_name = local.region

    def client(self, service_name: str, **options: Any) -> Any:
        """A client with this endpoint and these credentials."""
        return self._make(self._session.client, service_name, options)

    def resource(self, service_name: str, **options: Any) -> Any:
        """A resource with this endpoint and these credentials."""
        return self._make(self._session.resource, service_name, options)

    def _make(self, factory: Any, service_name: str, options: dict[str, Any]) -> Any:
        config = Config(s3={"addressing_style": "path"}, proxies={}, retries={"mode": "standard"})
        if "config" in options:
            config = config.merge(options.pop("config"))
        with self._lock:  # making clients from one session is not thread-safe
            return factory(service_name, endpoint_url=self._local.endpoint_url, config=config, **options)


def _direct() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back, so that a started process is never without an owner."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if held:
            signal.raise_signal(signal.SIGINT)
