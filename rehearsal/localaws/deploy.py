"""`cdk bootstrap` and `cdk deploy` of the unmodified app into a LocalAws."""

import re
import subprocess
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from rehearsal.localaws.cloud import LocalAws

TAIL_LINES: Final = 25
FLAGS: Final = ("--no-notices", "--ci", "--no-color")
MANIFEST: Final = "manifest.json"
RESOURCE: Final = re.compile(
    r"^(?P<stack>\S+) \|\s*(?P<done>\d+)(?:/(?P<total>\d+))? \| .*? \| "
    r"(?P<status>[A-Z_]+)\s*\| (?P<kind>\S+)\s*\| (?P<name>.*?)\s*$"
)
STACK_DONE: Final = re.compile(r"^\s*✅\s+(?P<stack>\S+)(?: \(\S+\))?(?P<unchanged> \(no changes\))?\s*$")


class DeployError(RuntimeError):
    """The CDK CLI failed; the message says at which step and why, in CloudFormation's words."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One step forward: `done` of `total` resources of a stack, when they are known."""

    kind: Literal["phase", "resource", "stack"]
    subject: str  # the phase, the stack, or `stack: resource`
    status: str = ""
    done: int = 0
    total: int = 0


OnEvent = Callable[[Progress], None]


def deploy(
    local: LocalAws,
    stacks: Sequence[str],
    *,
    root: Path,
    cdk_cli: Sequence[str],
    out_dir: Path,
    on_event: OnEvent = lambda _: None,
    app: str | None = None,
    context: dict[str, str] | None = None,
    timeout_seconds: float = 600,
) -> dict[str, float]:
    """Synthesise once into `out_dir` (unless it holds an assembly), bootstrap and deploy `stacks`.

    `cdk_cli` starts the CDK CLI, such as `["node", "node_modules/aws-cdk/bin/cdk"]`. `app` is the app's
    command where `cdk.json` does not name it. Returns the seconds each phase took. Raises DeployError.
    """
    timings: dict[str, float] = {}

    def phase(name: str, arguments: list[str]) -> None:
        on_event(Progress("phase", name))
        started = time.monotonic()
        _run(local, [*cdk_cli, *arguments, *FLAGS], root, name, on_event, timeout_seconds)
        timings[name] = time.monotonic() - started

    if not (out_dir / MANIFEST).exists():
        options = [f"--context={name}={value}" for name, value in (context or {}).items()]
        phase(
            "synth",
            ["synth", "--quiet", "--output", str(out_dir), *(["--app", app] if app else []), *options],
        )
    environment = f"aws://{local.account}/{local.region}"
    phase("bootstrap", ["bootstrap", environment, "--app", str(out_dir), "--progress", "events"])
    options = [
        "--require-approval",
        "never",
        "--method",
        "change-set",
        "--concurrency",
        "2",
        "--progress",
        "events",
    ]
    phase("deploy", ["deploy", *stacks, "--app", str(out_dir), "--asset-parallelism", "true", *options])
    return timings


def _run(
    local: LocalAws,
    command: list[str],
    root: Path,
    name: str,
    on_event: OnEvent,
    timeout_seconds: float,
) -> None:
    environment = local.environ() | {"CDK_DISABLE_CLI_TELEMETRY": "true", "CI": "true", "FORCE_COLOR": "0"}
    kept: deque[str] = deque(maxlen=400)
    deadline = time.monotonic() + timeout_seconds
    process = subprocess.Popen(  # noqa: S603 - no shell, the caller's own CLI
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        for line in process.stdout or ():
            kept.append(line.rstrip())
            event = parse_progress(line)
            if event is not None:
                on_event(event)
            if time.monotonic() > deadline:
                raise DeployError(f"cdk {name} was still running after {timeout_seconds:g} s:\n{_tail(kept)}")
        code = process.wait(timeout=60)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if code != 0:
        raise DeployError(f"cdk {name} failed with exit code {code}:\n{failure_reason(list(kept), local)}")


def parse_progress(line: str) -> Progress | None:
    """A line of the CLI's `--progress events` output as progress, None for other lines."""
    found = RESOURCE.match(line)
    if found:
        subject = f"{found['stack']}: {found['name'].split(' ')[0]}"
        return Progress("resource", subject, found["status"], int(found["done"]), int(found["total"] or 0))
    found = STACK_DONE.match(line)
    if found:
        return Progress("stack", found["stack"], "unchanged" if found["unchanged"] else "deployed")
    return None


def failure_reason(lines: list[str], local: LocalAws) -> str:
    """Why a command failed: CloudFormation's reasons, else the CLI's error lines, else its last lines."""
    reasons = _failed_events(local) or [line.strip() for line in lines if "_FAILED" in line or "❌" in line]
    return "\n".join(dict.fromkeys(reasons)) or _tail(lines)


def _failed_events(local: LocalAws) -> list[str]:
    """What CloudFormation itself recorded as failed, with its reason."""
    client = local.client("cloudformation")
    found = []
    for stack in client.describe_stacks()["Stacks"]:
        if not stack["StackStatus"].endswith(("FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_IN_PROGRESS")):
            continue
        for event in client.describe_stack_events(StackName=stack["StackId"])["StackEvents"]:
            if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason"):
                where = f"{stack['StackName']}: {event['LogicalResourceId']} ({event['ResourceType']})"
                found.append(f"{where}: {event['ResourceStatusReason']}")
    return found


def _tail(lines: Sequence[str]) -> str:
    return "\n".join(list(lines)[-TAIL_LINES:])
