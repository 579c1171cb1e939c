"""Engines: what trains a model, one adapter per service API."""

from rft.catalogue import BaseModel
from rft.engines.base import Capabilities, TrainingEngine
from rft.errors import SettingsError

__all__ = ["Capabilities", "TrainingEngine", "engine_for"]


def engine_for(model: BaseModel) -> TrainingEngine:
    """The engine that trains a base model.

    Raises:
        SettingsError: for a model whose engine is not built.
    """
    if model.engine == "nova":
        from rft.engines.nova import NovaEngine

        return NovaEngine()
    raise SettingsError(
        f"base_model {model.model_id!r} needs the engine {model.engine!r}, which this version does not have; "
        "choose a model of the engine 'nova'"
    )
