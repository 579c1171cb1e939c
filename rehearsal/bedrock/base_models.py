"""Base models that the simulated runtime answers as; how good each of them is was invented."""

import re
from types import MappingProxyType
from typing import Final

from rehearsal.bedrock.policy import FEATURES, Policy
from rehearsal.bedrock.strategies import STRATEGIES

# Added to the logits of every strategy that gets the result right; 0 is the model that jobs train.
SKILLS: Final = MappingProxyType(
    {"amazon.nova-2-lite": 0.0, "amazon.nova-micro": -0.9, "openai.gpt-oss-20b": 0.4, "qwen.qwen3-32b": 0.8}
)
_VERSION: Final = re.compile(r"-(v\d+|\d+)(:\d+)?(:\d+k)?$")
_ALONE: Final = 30.0  # added to a logit, it leaves the others no chance
_NEEDS_RESULT: Final = 0.5  # of the difficulty that a strategy feels


def skill_of(model_id: str) -> float | None:
    """Skill of a base model by its id, with or without version; None for any other model."""
    return SKILLS.get(_VERSION.sub("", model_id))


def base_policy(skill: float, strategy: str | None = None) -> Policy:
    """The untrained policy of a model, or one that answers by one strategy alone."""
    weights = [
        [_ALONE * (name == strategy) + skill * (felt > _NEEDS_RESULT), *[0.0] * (FEATURES - 1)]
        for name, _, felt in STRATEGIES
    ]
    return Policy(weights)
