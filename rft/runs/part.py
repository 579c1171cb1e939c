"""Base of the run record and its parts."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of the record and its parts; keys of newer versions are ignored, so that old tools read them."""

    model_config = ConfigDict(extra="ignore", frozen=True)
