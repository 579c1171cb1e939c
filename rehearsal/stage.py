"""The stage of a rehearsal: a local AWS with the app deployed into it by the real CDK command line."""

import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rehearsal.background import Background
from rehearsal.localaws.cloud import LocalAws
from rehearsal.localaws.deploy import Progress, deploy
from rehearsal.toolchain import Toolchain, tool_path
from rft import aws
from rft.engines import mantle_client
from rft.names import EnvironmentNames

ENVIRONMENT: Final = "local"
REGION: Final = "us-east-1"
# Waits of the workflow and of the simulated Bedrock pass a hundred times as fast: a minute takes 0.6 s.
WAIT_SCALE: Final = 0.01
TIMEOUT_SECONDS: Final = 300.0

Tell = Callable[[str], None]


@dataclass(slots=True)
class Stage:
    """A deployed local AWS. `timings` has seconds by step of setting it up."""

    local: LocalAws
    names: EnvironmentNames
    use_cases: tuple[str, ...]
    timings: dict[str, float] = field(default_factory=dict)


@contextlib.contextmanager
def deployed(
    tools: Toolchain,
    use_cases: Sequence[str],
    *,
    log_path: Path | None = None,
    lint: bool = True,
    tell: Tell = print,
    wait_scale: float = WAIT_SCALE,
) -> Iterator[Stage]:
    """Synthesise, start the emulator, lint and deploy.

    Raises:
        BackgroundError, LocalAwsError, DeployError: with the reason and the end of the log.
    """
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rehearsal-cdk-")))
        out_dir = folder / "cdk.out"
        local = LocalAws(
            root=tools.root,
            python=tools.emulator_python,
            region=REGION,
            wait_scale=wait_scale,
            log_path=log_path,
        )
        timings: dict[str, float] = {}
        tell("Synthesising the app and starting the local AWS")
        synth = stack.enter_context(_synth(tools, use_cases, out_dir))
        started = time.monotonic()
        stack.enter_context(local)
        timings["start local AWS"] = time.monotonic() - started
        synth.result(TIMEOUT_SECONDS)
        timings["synth"] = synth.seconds
        if lint:
            tell("Checking templates and state machines, before an emulator that accepts anything")
            linter = stack.enter_context(_lint(tools, out_dir))
            linter.result(TIMEOUT_SECONDS)
            timings["lint"] = linter.seconds
        stacks = [f"{ENVIRONMENT}/{name}" for name in ("foundation", *use_cases)]
        timings |= deploy(
            local,
            stacks,
            root=tools.root,
            cdk_cli=tools.cdk_cli,
            out_dir=out_dir,
            on_event=lambda event: _tell_progress(event, tell),
        )
        names = EnvironmentNames(ENVIRONMENT, local.account, local.region)
        yield Stage(local, names, tuple(use_cases), timings)


def _synth(tools: Toolchain, use_cases: Sequence[str], out_dir: Path) -> Background:
    context = json.dumps({"environments": ENVIRONMENT, "use_cases": ",".join(use_cases)})
    environment = _quiet_environment() | {"CDK_OUTDIR": str(out_dir), "CDK_CONTEXT_JSON": context}
    return Background("synth", [sys.executable, "app.py"], cwd=tools.root, env=environment)


def _lint(tools: Toolchain, out_dir: Path) -> Background:
    command = [sys.executable, "-m", "stacks.lint", str(out_dir)]
    return Background("lint", command, cwd=tools.root, env=_quiet_environment())


def _quiet_environment() -> dict[str, str]:
    """This process's environment without AWS credentials, with the project's tools first on the path."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"PATH": tool_path(), "CDK_DISABLE_CLI_TELEMETRY": "true"}


def _tell_progress(event: Progress, tell: Tell) -> None:
    if event.kind == "phase":
        tell({"bootstrap": "Bootstrapping", "deploy": "Deploying"}.get(event.subject, event.subject))
    elif event.kind == "stack":
        tell(f"Deployed {event.subject}")
    elif event.total:
        tell(f"Deploying {event.subject.partition(':')[0]}: {event.done} of {event.total} resources")


@contextlib.contextmanager
def attached(local: LocalAws) -> Iterator[None]:
    """Let every client that `rft` makes in this process talk to `local`, and to nothing else."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(local.environ())
    _forget_clients()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        _forget_clients()


def _forget_clients() -> None:
    aws.forget_clients()
    mantle_client.client.cache_clear()
