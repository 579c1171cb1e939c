"""The base model tried before training: what it earns, whether that can be learned from, and which prompts show why."""
