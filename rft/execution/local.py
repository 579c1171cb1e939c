"""Runs programs on this machine, for the command line and the tests of use cases."""

import json
import os
from functools import cache

from rft.execution.engines import WASM, make_engine
from rft.execution.port import Engine, Limits, Output, Program


def execute(program: Program, limits: Limits) -> list[Output]:
    """Run a program with the engine that RFT_EXECUTOR names, the wasm engine by default.

    Raises:
        ExecutorError: when the engine fails.
    """
    settings = json.loads(os.environ.get("RFT_EXECUTOR") or "{}")
    return _engine(settings.get("engine", WASM)).run(program, limits)


@cache
def _engine(name: str) -> Engine:
    return make_engine(name)
