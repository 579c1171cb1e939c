"""What looks at the records of a dataset, one module for each kind of check."""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rft.datasets.checks.port import Check
    from rft.datasets.rules import Rules

# Modules with a `CHECK`; imported when quality is asked for, since they bring large packages.
QUALITY: Final[tuple[str, ...]] = ("duplicates", "keys", "shapes", "personal_data", "secrets", "injection")


def checks_of(rules: "Rules") -> "tuple[Check, ...]":
    """The checks that these rules ask for, in the order of the report."""
    if not rules.quality:
        return ()
    return tuple(import_module(f"{__name__}.{name}").CHECK for name in QUALITY)
