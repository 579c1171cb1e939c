"""Which models a command asks: those on Bedrock, or simulated ones on this machine."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from rft import aws
from rft.cli.console import UsageProblem, stderr
from rft.reward_settings import Judge, Reward

Choice = Literal["auto", "bedrock", "simulated"]
ENDPOINT_VARIABLE: Final = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
SETTINGS_VARIABLE: Final = "RFT_JUDGE"
_SIMULATOR: Final = "rehearsal.bedrock.alone"
# The simulated judge checks no signature, but a client signs with something.
_UNSIGNED: Final = {
    "AWS_ACCESS_KEY_ID": "simulated",
    "AWS_SECRET_ACCESS_KEY": "simulated",
    "AWS_SESSION_TOKEN": "simulated",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@contextmanager
def judge_endpoint(settings: Reward, choice: str = "auto") -> Iterator[None]:
    """Have rewards ask their judge inside of the `with`; does nothing for a reward without one.

    Args:
        settings: the use case's `reward`.
        choice: `bedrock`, `simulated` (offline and free: it grades by word overlap), or `auto`, which is Bedrock
            where the machine has AWS credentials. One line on stderr says which judge it became.

    Raises:
        UsageProblem: for another choice, and for Bedrock without a region.
    """
    if choice not in ("auto", "bedrock", "simulated"):
        raise UsageProblem(f"judge {choice!r}: unknown; allowed: auto, bedrock, simulated")
    if settings.judge is None:
        yield
        return
    told = {SETTINGS_VARIABLE: settings.judge.model_dump_json()}
    # A caller inside a rehearsal or another `with` already has an endpoint, and the judge behind it.
    if choice == "auto" and os.environ.get(ENDPOINT_VARIABLE):
        with _environment(told):
            yield
    elif choice == "bedrock" or (choice == "auto" and aws.has_credentials()):
        _tell_bedrock(settings.judge)
        with _environment(told):
            yield
    else:
        why = "no AWS credentials: " if choice == "auto" else ""
        stderr.print(
            f"{why}the judge is simulated and grades by word overlap; measure again with the real one",
            style="yellow",
            soft_wrap=True,
        )
        with _simulator() as port:
            endpoint = {ENDPOINT_VARIABLE: f"http://127.0.0.1:{port}"}
            with _environment({**told, **_UNSIGNED, **endpoint}):
                yield


@contextmanager
def model_endpoint(choice: str, files: Sequence[Path]) -> Iterator[bool]:
    """Have base models answer inside of the `with`; gives whether they are simulated.

    Args:
        choice: as for `judge_endpoint`.
        files: datasets whose prompts the simulated models know.

    Raises:
        UsageProblem: for another choice, and for Bedrock without a region.
    """
    if choice not in ("auto", "bedrock", "simulated"):
        raise UsageProblem(f"endpoint {choice!r}: unknown; allowed: auto, bedrock, simulated")
    if choice == "bedrock" or (choice == "auto" and aws.has_credentials()):
        region = aws.region()
        if region is None:
            raise UsageProblem("Bedrock needs a region: set AWS_DEFAULT_REGION, or pass --endpoint simulated")
        stderr.print(f"asking Bedrock in {region}: tokens cost money", soft_wrap=True)
        yield False
        return
    why = "no AWS credentials: " if choice == "auto" else ""
    stderr.print(f"{why}the models are simulated and their skills invented", style="yellow", soft_wrap=True)
    with _simulator(files) as port:
        endpoint = {ENDPOINT_VARIABLE: f"http://127.0.0.1:{port}"}
        with _environment({**_UNSIGNED, **endpoint}):
            yield True


def _tell_bedrock(judge: Judge) -> None:
    region = aws.region()
    if region is None:
        raise UsageProblem("the judge needs a region: set AWS_DEFAULT_REGION, or ask the simulated judge")
    stderr.print(f"the judge is {judge.model} on Bedrock in {region}: its tokens cost money", soft_wrap=True)


@contextmanager
def _simulator(files: Sequence[Path] = ()) -> Iterator[int]:
    """Run the simulated Bedrock runtime in a process of its own and return its port."""
    if find_spec("rehearsal") is None:
        raise UsageProblem("the simulated judge is part of a clone of the project; run the command in one")
    search = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(  # noqa: S603 (our own module)
        [sys.executable, "-m", _SIMULATOR, *map(str, files)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": search},
        text=True,
    )
    with process:
        line = process.stdout.readline().strip() if process.stdout else ""
        try:
            if not line.isdigit():
                raise UsageProblem(f"the simulated judge does not start; try: python -m {_SIMULATOR}")
            yield int(line)
        finally:
            process.terminate()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    aws.forget_clients()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        aws.forget_clients()
