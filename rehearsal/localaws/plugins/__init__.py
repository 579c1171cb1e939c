"""Plug-ins that close gaps between MiniStack and AWS, one gap a file.

Each module has `apply() -> None`, which replaces attributes of MiniStack through `replace()`. That refuses
to run against another version or changed source, so that an upgrade of the pin shows every place to look at.
"""

import hashlib
import importlib
import importlib.metadata
import inspect
from collections.abc import Callable
from typing import Any, Final

PINNED: Final = "1.5.33"

NAMES: Final = (
    "conditions",
    "s3_ranges",
    "kms",
    "bedrock",
    "mantle",
    "lambda_errors",
    "lambda_logs",
    "lambda_packages",
    "lambda_layers",
    "emf",
    "alarms",
    "events_targets",
    "states_roles",
    "states_tasks",
    "states_tokens",
    "states_map",
    "states_executions",
    "cloudformation",
    "lambda_warm",
)


class PluginMismatch(AssertionError):  # noqa: N818 - reads as what happened
    """The installed MiniStack is not the one that the plug-ins were written against."""


def apply_all() -> None:
    """Check the pinned version and apply every plug-in, in order."""
    installed = importlib.metadata.version("ministack")
    if installed != PINNED:
        raise PluginMismatch(
            f"ministack {installed} is installed, the plug-ins fit {PINNED} only: "
            "install rehearsal/requirements.txt"
        )
    for name in NAMES:
        importlib.import_module(f"{__name__}.{name}").apply()


def fingerprint(thing: Any) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of a function's source, or of a string constant."""
    text = thing if isinstance(thing, str) else inspect.getsource(thing)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def original(module: Any, name: str, expected: str) -> Any:
    """The attribute about to be replaced or relied on. Raises PluginMismatch when its source has changed."""
    if not hasattr(module, name):
        raise PluginMismatch(f"{module.__name__} has no attribute {name}")
    thing = getattr(module, name)
    found = fingerprint(thing)
    if found != expected:
        raise PluginMismatch(f"{module.__name__}.{name} has fingerprint {found}, the plug-in fits {expected}")
    return thing


def replace(module: Any, name: str, expected: str, build: Callable[[Any], Any]) -> None:
    """Replace an attribute by what `build` makes of the original, whose fingerprint must be `expected`."""
    setattr(module, name, build(original(module, name, expected)))
