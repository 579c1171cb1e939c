"""`rft reward score`: the reward function on a batch, exactly as its Lambda function answers."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from rft.cli import console, project
from rft.rewards.batch import RewardFunction, score_batch
from rft.rewards.loading import REWARD_FILE, load_reward

reward = typer.Typer(help="Try the reward function of a use case.", no_args_is_help=True)


@reward.callback()
def _group() -> None:
    """Try the reward function of a use case."""


@reward.command("score")
def score(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")],
    file: Annotated[str, typer.Argument(help="JSON array as Bedrock sends it, or - for standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="The output is always that JSON array.")] = True,
) -> None:
    """Print the JSON array that the reward's Lambda function returns for this JSON array."""
    settings, folder = project.use_case(use_case)
    event = read_event(file)
    scored = score_batch(
        event,
        own_reward(folder),
        floor=settings.reward.floor,
        seconds=settings.reward.timeout_seconds,
    )
    console.print_json(scored)


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
