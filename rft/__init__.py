"""Domain code of the reinforcement fine-tuning pipeline: importable and testable without AWS."""

__version__ = "0.1.0"
