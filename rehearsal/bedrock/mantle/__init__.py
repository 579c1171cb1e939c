"""The simulated OpenAI-compatible endpoint: files, fine-tuning jobs, chat completions."""

from rehearsal.bedrock.mantle.service import Mantle

__all__ = ["Mantle"]
