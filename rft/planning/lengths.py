"""Lengths of a dataset's prompts, gathered one by one: what the forecast and the presets know of them."""

from dataclasses import dataclass
from typing import Final

from rft.catalogue import CHARACTERS_PER_TOKEN

LONGEST_KEPT_TOKENS: Final = (
    32_768  # ours: a longer prompt is taken for an outlier unless use_case.yaml keeps it
)


@dataclass(slots=True)
class PromptLengths:
    """Number, mean and maximum, and how many are above `longest_kept`; all in characters."""

    longest_kept: float
    records: int = 0
    characters: int = 0
    longest: int = 0
    too_long: int = 0

    def add(self, characters: int) -> None:
        self.records += 1
        self.characters += characters
        self.longest = max(self.longest, characters)
        self.too_long += characters > self.longest_kept

    @property
    def mean(self) -> float:
        return self.characters / max(1, self.records)


def longest_prompt_characters(max_prompt_tokens: int | None) -> float:
    """The longest prompt that Bedrock keeps, estimated in characters; None for the preset's bound."""
    return (max_prompt_tokens or LONGEST_KEPT_TOKENS) * CHARACTERS_PER_TOKEN
