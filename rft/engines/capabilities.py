"""What each engine can do, in one place: the workflow, the stop policy and the replay of traces read it here."""

from collections.abc import Mapping
from typing import Final

from rft.engines.base import Capabilities

NOVA: Final = Capabilities(
    live_metrics=False, checkpoints=False, stop_keeps_model=False, needs_deployment=True
)
MANTLE: Final = Capabilities(
    live_metrics=True, checkpoints=True, stop_keeps_model=True, needs_deployment=False
)
CAPABILITIES: Final[Mapping[str, Capabilities]] = {"nova": NOVA, "mantle": MANTLE}
