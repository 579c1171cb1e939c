"""Engines: what trains a model, one adapter per service API."""

from rft.catalogue import BaseModel
from rft.engines.base import Capabilities, TrainingEngine

__all__ = ["Capabilities", "TrainingEngine", "engine_for"]


def engine_for(model: BaseModel) -> TrainingEngine:
    """The engine that trains a base model."""
    if model.engine == "mantle":
        from rft.engines.mantle import MantleEngine

        return MantleEngine()
    from rft.engines.nova import NovaEngine

    return NovaEngine()
