"""`rft reward score`: the reward function on a batch, exactly as its Lambda function answers."""

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from rft.cli import console, project
from rft.cli.reward_environment import JudgeChoice, reward_environment
from rft.rewards.batch import RewardFunction, Scored, score_samples, to_wire
from rft.rewards.loading import REWARD_FILE, load_reward

reward = typer.Typer(help="Try the reward function of a use case.", no_args_is_help=True)


@reward.callback()
def _group() -> None:
    """Try the reward function of a use case."""


@reward.command("score")
def score(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")],
    file: Annotated[str, typer.Argument(help="JSON array as Bedrock sends it, or - for standard input.")],
    judge: JudgeChoice = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="The output is always that JSON array.")] = True,
) -> None:
    """Print the JSON array that the reward's Lambda function returns for this JSON array."""
    settings, folder = project.use_case(use_case)
    event = read_event(file)
    with reward_environment(settings.reward, judge):
        scored = score_samples(
            event,
            own_reward(folder),
            floor=settings.reward.floor,
            seconds=settings.reward.timeout_seconds,
            concurrency=settings.reward.concurrency,
        )
    console.print_json([to_wire(item) for item in scored])
    tell_failures(scored)


def tell_failures(scored: Sequence[Scored]) -> None:
    """Say on stderr how many samples the reward could not score, and why; the answer has them as `reward_error`."""
    failures = Counter(item.error for item in scored if item.error)
    if failures:
        kinds = ", ".join(f"{count} {name}" for name, count in failures.most_common())
        told = f"{console.counted(failures.total(), 'sample')} could not be scored and got the floor: {kinds}"
        console.stderr.print(told, style="yellow", soft_wrap=True)


def read_event(file: str) -> Any:
    """The JSON array of a file or of standard input.

    Raises:
        UsageProblem: when it is no JSON array.
    """
    shown = "standard input" if file == "-" else file
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        event = json.loads(data)
    except UnicodeDecodeError as error:
        raise console.UsageProblem(
            f"{shown}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from None
    except json.JSONDecodeError as error:
        raise console.UsageProblem(
            f"{shown}: line {error.lineno}: not JSON ({error.msg}); want an array like the one Bedrock sends"
        ) from None
    if not isinstance(event, list):
        kind = "an object" if isinstance(event, dict) else type(event).__name__
        raise console.UsageProblem(f"{shown}: holds {kind}; want a JSON array of samples, even for one")
    return event


def own_reward(folder: Path) -> RewardFunction:
    """The function `reward` of a use case's folder.

    Raises:
        UsageProblem: when reward.py cannot be imported or has no such function.
    """
    try:
        return load_reward(folder)
    except Exception as error:  # noqa: BLE001 (a team's file may raise anything)
        raise console.UsageProblem(
            f"{folder / REWARD_FILE}: cannot be used: {type(error).__name__}: {error}"
        ) from None


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(reward, name="reward")
