"""What the stack puts into a reward function's environment, for commands that run the reward on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from rft.cli.bedrock_endpoint import judge_endpoint
from rft.reward_settings import Reward
from rft.rewards.executor import FUNCTION_VARIABLE, SETTINGS_VARIABLE

JudgeChoice = Annotated[
    str, typer.Option("--judge", help="Judge of a reward that asks one: auto, bedrock or simulated.")
]


@contextmanager
def reward_environment(settings: Reward, judge: str = "auto") -> Iterator[None]:
    """Run rewards inside of the `with` as their function would: with their judge, and their executor's engine
    on this machine, whatever executor function the shell names.

    Raises:
        UsageProblem: for a judge that is not `auto`, `bedrock` or `simulated`, and for Bedrock without a region.
    """
    before = {name: os.environ.pop(name, None) for name in (FUNCTION_VARIABLE, SETTINGS_VARIABLE)}
    os.environ[SETTINGS_VARIABLE] = settings.executor.model_dump_json()
    try:
        with judge_endpoint(settings, judge):
            yield
    finally:
        os.environ.pop(SETTINGS_VARIABLE)
        os.environ.update({name: value for name, value in before.items() if value is not None})
